import { IS_DROPPED } from '../engine/sample-flags.ts';
import type { MergeMemory } from '../samples/merge-memory.ts';
import type { NameTable } from '../samples/name-table.ts';
import type { SampleTable } from '../samples/sample-table.ts';

/** The blocks of all sources by sample name, in the order in which they are written. */
export class BlockIndex {
  readonly #table: SampleTable;
  readonly #names: NameTable;
  readonly #blocksByName = new Map<number, number[]>();
  /** Blocks of several names: each family is asked for several times. */
  readonly #blocksByNames = new Map<string, readonly number[]>();
  readonly #order: Int32Array;
  readonly #sources: Int32Array;
  #blockCount = 0;
  #sourceCount = 0;

  constructor({ table, names }: MergeMemory) {
    this.#table = table;
    this.#names = names;
    this.#order = new Int32Array(table.blocks);
    this.#sources = new Int32Array(table.blocks);
  }

  /** Appends the blocks [first, end) of the next source. */
  append(first: number, end: number): void {
    for (let block = first; block < end; block++) {
      this.#order[block] = this.#blockCount++;
      this.#sources[block] = this.#sourceCount;
      const name = this.#table.blockNames[block] ?? 0;
      const blocks = this.#blocksByName.get(name);
      if (blocks === undefined) this.#blocksByName.set(name, [block]);
      else blocks.push(block);
    }
    this.#sourceCount++;
  }

  /** The numbers of the sample names, each with its blocks in order. */
  get byName(): ReadonlyMap<number, readonly number[]> {
    return this.#blocksByName;
  }

  /** The numbers that these sample names have. */
  numbersOf(sampleNames: readonly string[]): readonly number[] {
    return sampleNames.map((name) => this.#names.internLatin1(name));
  }

  /** The blocks of these sample names, in order, once all sources have been appended. */
  blocksOf(sampleNames: readonly string[]): readonly number[] {
    const names = this.numbersOf(sampleNames);
    const [first, ...others] = names;
    if (first === undefined) return [];
    if (others.length === 0) return this.#blocksByName.get(first) ?? [];
    const key = names.toSorted((a, b) => a - b).join();
    let blocks = this.#blocksByNames.get(key);
    if (blocks === undefined) {
      blocks = names
        .map((name): readonly number[] => this.#blocksByName.get(name) ?? [])
        .reduce((all, more) => this.#merged(all, more));
      this.#blocksByNames.set(key, blocks);
    }
    return blocks;
  }

  /** Two lists that are in order, as one. */
  #merged(some: readonly number[], others: readonly number[]): readonly number[] {
    const order = this.#order;
    const merged = new Array<number>(some.length + others.length);
    let next = 0;
    for (let at = 0, i = 0; at < merged.length; at++) {
      const one = some[next];
      const other = others[i];
      const isOneFirst =
        one !== undefined && (other === undefined || (order[one] ?? 0) < (order[other] ?? 0));
      if (isOneFirst) next++;
      else i++;
      merged[at] = (isOneFirst ? one : other) ?? 0;
    }
    return merged;
  }

  /** The place of a block's source. */
  sourceOf(block: number): number {
    return this.#sources[block] ?? 0;
  }

  /** Samples of the blocks, dropped ones included. */
  countSamples(blocks: readonly number[]): number {
    return blocks.reduce(
      (sum, block) => sum + this.#table.endOfBlock(block) - this.#table.firstOfBlock(block),
      0,
    );
  }

  /** Does any sample of the blocks that is not dropped have the flag? */
  haveFlag(blocks: readonly number[], flag: number): boolean {
    const { flags, blockFlags } = this.#table;
    return blocks.some((block) => {
      const all = blockFlags[block] ?? 0;
      if ((all & flag) === 0 || (all & IS_DROPPED) === 0) return (all & flag) !== 0;
      let isThere = false;
      this.forEachSample([block], (sample) => (isThere ||= ((flags[sample] ?? 0) & flag) !== 0));
      return isThere;
    });
  }

  /** Calls back for every sample of the blocks that is not dropped, in order. */
  forEachSample(blocks: readonly number[], visit: (sample: number, block: number) => void): void {
    const { flags, blockFlags } = this.#table;
    for (const block of blocks) {
      const end = this.#table.endOfBlock(block);
      const isWhole = ((blockFlags[block] ?? 0) & IS_DROPPED) === 0;
      for (let sample = this.#table.firstOfBlock(block); sample < end; sample++) {
        if (isWhole || ((flags[sample] ?? 0) & IS_DROPPED) === 0) visit(sample, block);
      }
    }
  }
}
