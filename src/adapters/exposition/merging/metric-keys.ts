import type { MetricType } from '../../../domain/exposition/metric-type.ts';
import type { MergeMemory } from '../samples/merge-memory.ts';
import type { NameTable } from '../samples/name-table.ts';
import type { BlockIndex } from './block-index.ts';
import { HAS_LE, HAS_TIMESTAMP } from '../engine/sample-flags.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import type { WrittenLines } from './written-lines.ts';
import { writtenLabelName } from '../samples/spelling.ts';

/**
 * What tells a family's metrics apart: the hash of the labels that its samples have in common, with a second one where two
 * metrics may have the same.
 */
export type MetricKey = number;
export type KeyOf = (sample: number, block: number) => MetricKey;

const SECOND_VALUES = 2 ** 20;
const FIRST_FINER_KEY = 2 ** 32;
const LE = Buffer.from('le');
const QUANTILE = Buffer.from('quantile');
const NOTHING = Buffer.alloc(0);

/** Tells which metric a sample belongs to. */
export class MetricKeys {
  readonly #table: SampleTable;
  readonly #names: NameTable;
  readonly #blocks: BlockIndex;
  readonly #lines: WrittenLines;

  constructor({ table, names }: MergeMemory, blocks: BlockIndex, lines: WrittenLines) {
    this.#table = table;
    this.#names = names;
    this.#blocks = blocks;
    this.#lines = lines;
  }

  /** The hashes of the labels without `le`, `quantile` or the state. */
  hashKeys(type: MetricType, family: string): (sample: number, block: number) => number {
    const { labelHashes } = this.#table;
    const state = writtenLabelName(family);
    let lastRun = -1;
    let isBound = false;
    return (sample, block) => {
      if (block !== lastRun) isBound = this.#isBound(block, type, family);
      lastRun = block;
      const labels = labelHashes[sample] ?? 0;
      if (type === 'stateset') return (labels - this.#lines.labelHash(sample, state)) | 0;
      return isBound ? (labels - this.#boundHash(sample, type)) | 0 : labels;
    };
  }

  /** The same, but for these hashes, which several metrics may have, with a second one: they have 52 bits together. */
  finerKeys(shared: ReadonlySet<MetricKey>, type: MetricType, family: string): KeyOf {
    const hashOf = this.hashKeys(type, family);
    const bound = type === 'summary' ? QUANTILE : LE;
    const excluded = type === 'stateset' ? writtenLabelName(family) : bound;
    return (sample, block) => {
      const hash = hashOf(sample, block);
      if (!shared.has(hash)) return hash;
      const hasApart = type === 'stateset' || this.#isBound(block, type, family);
      const second = this.#lines.secondHashWithout(hasApart ? excluded : NOTHING, sample);
      // No hash alone is as large.
      return FIRST_FINER_KEY + (hash >>> 0) * SECOND_VALUES + (second % SECOND_VALUES);
    };
  }

  /** What the label that is the bound in this type adds to the hash of the sample's labels: the table has that of `le` first. */
  #boundHash(sample: number, type: MetricType): number {
    const hash = this.#table.boundHashes[sample] ?? 0;
    const hasLe = ((this.#table.flags[sample] ?? 0) & HAS_LE) !== 0;
    if (type === 'summary') return hasLe ? this.#lines.labelHash(sample, QUANTILE) : hash;
    return hasLe ? hash : 0;
  }

  /** Are the samples of the block told apart by `le` or `quantile` within their metric? */
  #isBound(block: number, type: MetricType, family: string): boolean {
    const suffix = this.suffixOf(block, family);
    if (type === 'summary') return suffix === '';
    return suffix === '_bucket' && (type === 'histogram' || type === 'gaugehistogram');
  }

  suffixOf(block: number, family: string): string {
    return this.#names.latin1Of(this.#table.blockNames[block] ?? 0).slice(family.length);
  }

  /** Of the metrics of which some samples have a timestamp and others have none. */
  unevenKeys(blocks: readonly number[], keyOf: KeyOf): ReadonlySet<MetricKey> {
    const timings = new Map<MetricKey, number>();
    const uneven = new Set<MetricKey>();
    this.#blocks.forEachSample(blocks, (sample, block) => {
      const key = keyOf(sample, block);
      const timing = (this.#table.flags[sample] ?? 0) & HAS_TIMESTAMP;
      if ((timings.get(key) ?? timing) !== timing) uneven.add(key);
      timings.set(key, timing);
    });
    return uneven;
  }
}
