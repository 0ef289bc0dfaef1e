import { boundLabel, type MetricType } from '../../../domain/exposition/metric-type.ts';
import { HAS_LE, HAS_TIMESTAMP } from '../engine/sample-flags.ts';
import type { MergeMemory } from '../samples/merge-memory.ts';
import type { NameTable } from '../samples/name-table.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { writtenLabelName } from '../samples/spelling.ts';
import type { BlockIndex } from './block-index.ts';
import type { WrittenLines } from './written-lines.ts';

/**
 * Tells the metrics of a family apart: the hash of the labels that the samples of a metric have in common, with a second hash where
 * two metrics may have the same.
 */
export type MetricKey = number;
export type KeyOf = (sample: number, block: number) => MetricKey;

const SECOND_VALUES = 2 ** 20;
const FIRST_FINER_KEY = 2 ** 32;
const QUANTILE = writtenLabelName('quantile');
const NOTHING = Buffer.alloc(0);

/** Computes metric keys. */
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

  /** Keys that are one hash: that of all labels but `le`, `quantile` or the state. */
  hashKeys(type: MetricType, family: string): KeyOf {
    const { labelHashes } = this.#table;
    const state = writtenLabelName(family);
    let lastBlock = -1;
    let hasBounds = false;
    return (sample, block) => {
      if (block !== lastBlock) hasBounds = this.#hasBounds(block, type, family);
      lastBlock = block;
      const labels = labelHashes[sample] ?? 0;
      if (type === 'stateset') return (labels - this.#lines.labelHash(sample, state)) | 0;
      return hasBounds ? (labels - this.#boundHash(sample, type)) | 0 : labels;
    };
  }

  /** The same, but a second hash is added to those in `shared`, which several metrics may have: together they have 52 bits. */
  finerKeys(shared: ReadonlySet<MetricKey>, type: MetricType, family: string): KeyOf {
    const hashOf = this.hashKeys(type, family);
    const label = type === 'stateset' ? family : boundLabel(type);
    const excluded = label === undefined ? NOTHING : writtenLabelName(label);
    return (sample, block) => {
      const hash = hashOf(sample, block);
      if (!shared.has(hash)) return hash;
      const excludes = type === 'stateset' || this.#hasBounds(block, type, family);
      const second = this.#lines.secondHashWithout(excludes ? excluded : NOTHING, sample);
      // No hash alone is as large.
      return FIRST_FINER_KEY + (hash >>> 0) * SECOND_VALUES + (second % SECOND_VALUES);
    };
  }

  /** Keys of the metrics of which some samples have a timestamp and others have none. */
  unevenKeys(blocks: readonly number[], keyOf: KeyOf): ReadonlySet<MetricKey> {
    const uneven = new Set<MetricKey>();
    if (!this.#haveBothTimings(blocks)) return uneven;
    const timings = new Map<MetricKey, number>();
    this.#blocks.forEachSample(blocks, (sample, block) => {
      const key = keyOf(sample, block);
      const timing = (this.#table.flags[sample] ?? 0) & HAS_TIMESTAMP;
      if ((timings.get(key) ?? timing) !== timing) uneven.add(key);
      timings.set(key, timing);
    });
    return uneven;
  }

  /** The part of a block's sample name after the family's name. */
  suffixOf(block: number, family: string): string {
    return this.#names.latin1Of(this.#table.blockNames[block] ?? 0).slice(family.length);
  }

  /** The bound label's share of the label hash. The table stores that of `le` if there is one, else of `quantile`. */
  #boundHash(sample: number, type: MetricType): number {
    const hash = this.#table.boundHashes[sample] ?? 0;
    const hasLe = ((this.#table.flags[sample] ?? 0) & HAS_LE) !== 0;
    if (type === 'summary') return hasLe ? this.#lines.labelHash(sample, QUANTILE) : hash;
    return hasLe ? hash : 0;
  }

  /** Are the samples of the block told apart by `le` or `quantile` within their metric? */
  #hasBounds(block: number, type: MetricType, family: string): boolean {
    const label = boundLabel(type);
    if (label === undefined) return false;
    return this.suffixOf(block, family) === (label === 'le' ? '_bucket' : '');
  }

  /** Have some samples a timestamp, and others none? Most programs write one everywhere or nowhere. */
  #haveBothTimings(blocks: readonly number[]): boolean {
    const { flags } = this.#table;
    let some = 0;
    let all = HAS_TIMESTAMP;
    this.#blocks.forEachSample(blocks, (sample) => {
      some |= flags[sample] ?? 0;
      all &= flags[sample] ?? 0;
    });
    return (some & HAS_TIMESTAMP) !== all;
  }
}
