import type { MergedSource } from '../samples/merged-source.ts';
import { mix } from '../lines/bytes.ts';
import type { MergeContext } from '../samples/merge-context.ts';
import { IS_DROPPED } from '../engine/sample-flags.ts';
import { SeriesComparison } from '../samples/series-comparison.ts';
import { SeriesIndex } from './series-index.ts';

/**
 * Marks the samples whose series and timestamp a source before theirs already has, and returns how many these are. The
 * sources come in their order; duplicates within a source were marked when it was read.
 */
export function markDuplicatesAcross(
  sources: readonly MergedSource[],
  { honorsLabels, output, memory, names: pool }: MergeContext,
): number {
  const names = sharedNames(sources, honorsLabels);
  if (names.size === 0) return 0;
  const { table } = memory;
  const index = new SeriesIndex(table.samples);
  const comparison = new SeriesComparison(memory, output.syntax);
  let duplicates = 0;
  for (const { firstBlock, endBlock } of sources) {
    for (let block = firstBlock; block < endBlock; block++) {
      if (!names.has(table.blockNames[block] ?? -1)) continue;
      const nameHash = pool.hashOf(table.blockNames[block] ?? 0);
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
 * The names that two sources have between which a series can be the same. It can't where their first identity label is of the
 * same name (by default the container's), has another value, and stands against the targets' own labels.
 */
function sharedNames(sources: readonly MergedSource[], honorsLabels: boolean): ReadonlySet<number> {
  const shared = new Set<number>();
  const owners = new Map<number, string | undefined>();
  const crowds = new Map<string, Set<number>>();
  const firstName = sources
    .map(({ identity }) => identity.labels[0]?.name)
    .find((name) => name !== undefined);
  for (const { contents, identity } of sources) {
    const first = identity.labels[0];
    const key = honorsLabels || first?.name !== firstName ? undefined : first?.value;
    const own = key === undefined ? undefined : crowds.get(key);
    for (const name of contents.families.names) {
      if (
        own?.has(name) === true ||
        (owners.has(name) && (key === undefined || owners.get(name) === undefined))
      ) {
        shared.add(name);
      }
      if (!owners.has(name) || key === undefined) owners.set(name, key);
    }
    if (own !== undefined) for (const name of contents.families.names) own.add(name);
    else if (key !== undefined) crowds.set(key, new Set(contents.families.names));
  }
  return shared;
}
