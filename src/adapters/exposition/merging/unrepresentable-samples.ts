import { HAS_TIMESTAMP } from '../engine/sample-flags.ts';
import type { NameTable } from '../samples/name-table.ts';
import type { MergedSamples } from './merged-samples.ts';

/**
 * Drops the timestamped samples of a series that also has samples without a timestamp, and returns their number: in OpenMetrics the
 * points of a metric have increasing timestamps (1.0.0, section "Metric"), and there is none to compare with.
 */
export function dropMixedTimestamps({ table, blocks, keys }: MergedSamples, names: NameTable): number {
  let count = 0;
  for (const [name, named] of blocks.byName) {
    if (!blocks.haveFlag(named, HAS_TIMESTAMP)) continue;
    const family = names.latin1Of(name);
    // Untyped, every series is a metric of its own.
    const unevenHashes = keys.unevenKeys(named, keys.hashKeys('unknown', family));
    if (unevenHashes.size === 0) continue;
    const keyOf = keys.finerKeys(unevenHashes, 'unknown', family);
    const uneven = keys.unevenKeys(named, keyOf);
    blocks.forEachSample(named, (sample, block) => {
      if (((table.flags[sample] ?? 0) & HAS_TIMESTAMP) === 0 || !uneven.has(keyOf(sample, block))) return;
      table.drop(sample, block);
      count++;
    });
    // Buckets were compared with some that are dropped now.
    for (const block of named) table.markOrderUnknown(block);
  }
  return count;
}

/** Drops the samples of these blocks, but for those of sources that are kept, and returns their number. */
export function dropBlocks(
  { table, blocks }: MergedSamples,
  dropped: readonly number[],
  isKept: (source: number) => boolean,
): number {
  let count = 0;
  blocks.forEachSample(dropped, (sample, block) => {
    if (isKept(blocks.sourceOf(block))) return;
    table.drop(sample, block);
    count++;
  });
  return count;
}
