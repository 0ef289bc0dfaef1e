import type { LineEngine } from '../engine/line-engine.ts';
import type { MergeMemory } from '../samples/merge-memory.ts';
import { HASH, latin1, seriesEnd } from '../engine/bytes.ts';
import type { BlockIndex } from './block-index.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { writtenLabelName } from '../samples/spelling.ts';

const LE = writtenLabelName('le');

/** Reads written lines again, for the few families that need a closer look. */
export class WrittenLines {
  readonly #engine: LineEngine;
  readonly #table: SampleTable;
  readonly #blocks: BlockIndex;

  constructor({ engine, table }: MergeMemory, blocks: BlockIndex) {
    this.#engine = engine;
    this.#table = table;
    this.#blocks = blocks;
  }

  /** The line's range in the engine's memory, with its line feed. */
  rangeOf(sample: number, block: number): { readonly start: number; readonly end: number } {
    const isLast = sample + 1 === this.#table.endOfBlock(block);
    const end = isLast ? this.#table.blockEnds[block] : this.#table.lineStarts[sample + 1];
    return { start: this.#table.lineStarts[sample] ?? 0, end: end ?? 0 };
  }

  /** Do all samples of the blocks have a label with this written name, possibly empty? */
  haveLabel(blocks: readonly number[], name: Uint8Array): boolean {
    let haveAll = true;
    this.#blocks.forEachSample(blocks, (sample) => {
      haveAll &&= this.#findLabel(sample, name).start !== 0;
    });
    return haveAll;
  }

  /** The share of the label with this written name in the hash of the sample's labels. */
  labelHash(sample: number, name: Uint8Array): number {
    const { start, end } = this.#findLabel(sample, name);
    const nameEnd = start - '="'.length;
    return end === start ? 0 : this.#engine.hashLabel(nameEnd - name.length, nameEnd, start, end);
  }

  /** A second hash of the sample's labels without the one with this written name, 32 bits without a sign. */
  secondHashWithout(excluded: Uint8Array, sample: number): number {
    return this.#engine.hashOthers(this.#table.lineStarts[sample] ?? 0, excluded);
  }

  /** The number in its `le`. */
  boundOf(sample: number): number {
    const { start, end } = this.#findLabel(sample, LE);
    return end === start ? NaN : numberOf(latin1(this.#engine.bytes, start, end));
  }

  /** The line's range up to its exemplar, without its line feed. */
  rangeWithoutExemplar(sample: number, block: number): { readonly start: number; readonly end: number } {
    const { start, end } = this.rangeOf(sample, block);
    const { bytes } = this.#engine;
    const hash = bytes.indexOf(HASH, seriesEnd(bytes, start));
    return { start, end: hash > 0 && hash < end ? hash - 1 : end - 1 };
  }

  #findLabel(sample: number, name: Uint8Array): { readonly start: number; readonly end: number } {
    return this.#engine.findLabel(this.#table.lineStarts[sample] ?? 0, name);
  }
}

/** The number that the text spells; it must be one. */
function numberOf(text: string): number {
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}
