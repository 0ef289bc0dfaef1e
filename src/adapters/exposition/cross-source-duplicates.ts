import type { ScannedBody } from './body-scanner.ts';
import type { IdentityLabels } from './identity-labels.ts';
import type { MergeContext } from './merge-context.ts';
import type { MergeMemory } from './merge-memory.ts';
import { SeriesComparison } from './series-comparison.ts';

/** A source that has been added, with its place in the log. */
export interface MergedSource {
  readonly rank: number;
  readonly isOwn: boolean;
  readonly scanned: ScannedBody;
  readonly identity: IdentityLabels;
  readonly firstRun: number;
  readonly endRun: number;
}

/**
 * The samples whose series and timestamp a source before theirs already has. The sources come in their order; duplicates
 * within a source were left out when it was read.
 */
export function duplicatesAcross(
  sources: readonly MergedSource[],
  { honorsLabels, output }: MergeContext,
  { arena, log, index }: MergeMemory,
): ReadonlySet<number> {
  const duplicates = new Set<number>();
  const names = sharedNames(sources, honorsLabels);
  if (names.size === 0) return duplicates;
  index.start(0);
  const comparison = new SeriesComparison(arena, log, output.syntax);
  for (const { firstRun, endRun } of sources) {
    for (let run = firstRun; run < endRun; run++) {
      if (!names.has(log.runNames[run] ?? -1)) continue;
      const end = log.endOfRun(run);
      for (let sample = log.runFirstSamples[run] ?? 0; sample < end; sample++) {
        if (!index.add(sample, comparison.isSame, comparison.canonicalText)) duplicates.add(sample);
      }
    }
  }
  return duplicates;
}

/**
 * The names that two sources have between which a series can be the same. It can't where their first identity label (the
 * container's name) differs and stands against the targets' own labels.
 */
function sharedNames(sources: readonly MergedSource[], honorsLabels: boolean): ReadonlySet<number> {
  const shared = new Set<number>();
  const owners = new Map<number, string | undefined>();
  const crowds = new Map<string, Set<number>>();
  for (const { scanned, identity } of sources) {
    const first = identity.labels[0];
    const key = honorsLabels || first === undefined ? undefined : `${first.name}="${first.value}"`;
    const own = key === undefined ? undefined : crowds.get(key);
    for (const name of scanned.names) {
      if (
        own?.has(name) === true ||
        (owners.has(name) && (key === undefined || owners.get(name) === undefined))
      ) {
        shared.add(name);
      }
      if (!owners.has(name) || key === undefined) owners.set(name, key);
    }
    if (own !== undefined) for (const name of scanned.names) own.add(name);
    else if (key !== undefined) crowds.set(key, new Set(scanned.names));
  }
  return shared;
}
