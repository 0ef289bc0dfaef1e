import type { MergedSource } from '../samples/merged-source.ts';
import type { MergeMemory } from '../samples/merge-memory.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { BlockIndex } from './block-index.ts';
import { MetricKeys } from './metric-keys.ts';
import { WrittenLines } from './written-lines.ts';

/** The samples of all sources: in the table, by sample name, by metric, and as they are written. */
export interface MergedSamples {
  readonly table: SampleTable;
  readonly blocks: BlockIndex;
  readonly lines: WrittenLines;
  readonly keys: MetricKeys;
}

/** The samples of the sources, which come in their order. */
export function mergedSamples(sources: readonly MergedSource[], memory: MergeMemory): MergedSamples {
  const blocks = new BlockIndex(memory);
  for (const { firstBlock, endBlock } of sources) blocks.append(firstBlock, endBlock);
  const lines = new WrittenLines(memory, blocks);
  return { table: memory.table, blocks, lines, keys: new MetricKeys(memory, blocks, lines) };
}
