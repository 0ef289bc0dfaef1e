import type { MergeMemory } from '../samples/merge-memory.ts';
import type { MetricKeys } from './metric-keys.ts';
import type { BlockIndex } from './block-index.ts';
import { HAS_TIMESTAMP } from '../engine/sample-flags.ts';
import type { SampleTable } from '../samples/sample-table.ts';

/**
 * Leaves out the samples with a timestamp of every series that has one without, too, and returns how many these are: in OpenMetrics the
 * points of a metric have increasing timestamps (1.0.0, section "Metric"), and there is none to compare with.
 */
export function dropMixedTimestamps(
  { table, names }: MergeMemory,
  blocks: BlockIndex,
  keys: MetricKeys,
): number {
  let count = 0;
  for (const name of blocks.names) {
    const named = blocks.blocksOf([name]);
    if (!blocks.haveFlag(named, HAS_TIMESTAMP)) continue;
    const family = names.latin1Of(name);
    const possibleDuplicates = keys.unevenKeys(named, keys.hashKeys('unknown', family));
    if (possibleDuplicates.size === 0) continue;
    const keyOf = keys.finerKeys(possibleDuplicates, 'unknown', family);
    const uneven = keys.unevenKeys(named, keyOf);
    blocks.forEachSample(named, (sample, block) => {
      if (((table.flags[sample] ?? 0) & HAS_TIMESTAMP) === 0 || !uneven.has(keyOf(sample, block))) return;
      table.drop(sample, block);
      count++;
    });
    // Buckets were compared with some that don't go out.
    for (const block of named) table.markOrderUnknown(block);
  }
  return count;
}

/** Leaves out the samples of these blocks, but for those of some sources, and returns how many these are. */
export function dropBlocks(
  table: SampleTable,
  blocks: BlockIndex,
  concerned: readonly number[],
  keeps: (source: number) => boolean,
): number {
  let count = 0;
  blocks.forEachSample(concerned, (sample, block) => {
    if (keeps(blocks.sourceOf(block))) return;
    table.drop(sample, block);
    count++;
  });
  return count;
}
