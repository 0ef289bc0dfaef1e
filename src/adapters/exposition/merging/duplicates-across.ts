import { IS_DROPPED } from '../engine/sample-flags.ts';
import { mix } from '../engine/bytes.ts';
import type { MergeContext } from '../samples/merge-context.ts';
import type { MergedSource } from '../samples/merged-source.ts';
import { SeriesComparison } from '../samples/series-comparison.ts';
import { SeriesIndex } from './series-index.ts';

/**
 * Drops the samples whose series and timestamp an earlier source has, and returns their number. The sources come in their order;
 * duplicates within a source were dropped when it was read.
 */
export function dropDuplicatesAcross(
  sources: readonly MergedSource[],
  { honorsLabels, output, memory }: MergeContext,
): number {
  const shared = sharedNames(sources, honorsLabels);
  if (shared.size === 0) return 0;
  const { table, names } = memory;
  const index = new SeriesIndex(table.samples);
  const comparison = new SeriesComparison(memory, output.syntax);
  let duplicates = 0;
  for (const { firstBlock, endBlock } of sources) {
    for (let block = firstBlock; block < endBlock; block++) {
      const name = table.blockNames[block] ?? 0;
      if (!shared.has(name)) continue;
      const nameHash = names.hashOf(name);
      const end = table.endOfBlock(block);
      for (let sample = table.firstOfBlock(block); sample < end; sample++) {
        if (((table.flags[sample] ?? 0) & IS_DROPPED) !== 0) continue;
        const time = mix((table.timestamps[sample] ?? 0) | 0);
        const first = index.add(sample, mix((nameHash + time + (table.labelHashes[sample] ?? 0)) | 0));
        if (first === undefined || !comparison.isDuplicate(sample, first)) continue;
        table.drop(sample, block);
        duplicates++;
      }
    }
  }
  return duplicates;
}

/**
 * Names of which two sources can have the same series: the names shared by sources with the same first identity label, and all names
 * shared with a source whose first identity label proves nothing.
 */
function sharedNames(sources: readonly MergedSource[], honorsLabels: boolean): ReadonlySet<number> {
  const shared = new Set<number>();
  const { byIdentity, unproven } = groupByIdentity(sources, honorsLabels);
  for (const alike of byIdentity.values()) {
    if (alike.length > 1) addRepeatedNames(alike, new Set(), shared);
  }
  if (unproven.length > 0) {
    const others = [...byIdentity.values()].flat();
    const names = new Set(others.flatMap(({ contents }) => [...contents.families.names]));
    addRepeatedNames(unproven, names, shared);
  }
  return shared;
}

/**
 * The sources by the value of their first identity label (by default the container's name), and those for which it proves nothing:
 * with honor_labels a target can have it replaced, and a label of another name says nothing about this one.
 */
function groupByIdentity(
  sources: readonly MergedSource[],
  honorsLabels: boolean,
): {
  readonly byIdentity: ReadonlyMap<string, readonly MergedSource[]>;
  readonly unproven: readonly MergedSource[];
} {
  const byIdentity = new Map<string, MergedSource[]>();
  const unproven: MergedSource[] = [];
  const label = sources.map(({ identity }) => identity.labels[0]?.name).find((name) => name !== undefined);
  for (const source of sources) {
    const first = source.identity.labels[0];
    if (honorsLabels || first?.name !== label || first === undefined) unproven.push(source);
    else {
      const alike = byIdentity.get(first.value);
      if (alike === undefined) byIdentity.set(first.value, [source]);
      else alike.push(source);
    }
  }
  return { byIdentity, unproven };
}

/** Adds the sources' names that are in `seen`, or that occurred in an earlier source, to `repeated`. */
function addRepeatedNames(sources: readonly MergedSource[], seen: Set<number>, repeated: Set<number>): void {
  for (const { contents } of sources) {
    for (const name of contents.families.names) {
      if (seen.has(name)) repeated.add(name);
      else seen.add(name);
    }
  }
}
