import type { Syntax } from '../../../domain/exposition/format.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import type { MergeMemory } from '../samples/merge-memory.ts';
import { numberOf } from '../lines/number-scan.ts';
import type { BlockIndex } from './block-index.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { WrittenLineParser } from '../samples/written-line-parser.ts';

const LE = Buffer.from('le');

/** Reads again what was written, for the few families that need a closer look. */
export class WrittenLines {
  readonly #engine: LineEngine;
  readonly #table: SampleTable;
  readonly #blocks: BlockIndex;
  readonly #parser: WrittenLineParser;

  constructor({ engine, table }: MergeMemory, blocks: BlockIndex, syntax: Syntax) {
    this.#engine = engine;
    this.#table = table;
    this.#blocks = blocks;
    this.#parser = new WrittenLineParser(engine, syntax);
  }

  /** Where the line is, with its line feed. */
  rangeOf(sample: number, block: number): { readonly start: number; readonly end: number } {
    const isLast = sample + 1 === this.#table.endOfBlock(block);
    const end = isLast ? this.#table.blockEnds[block] : this.#table.lineStarts[sample + 1];
    return { start: this.#table.lineStarts[sample] ?? 0, end: end ?? 0 };
  }

  /** Have all samples of the blocks a label with this written name, be it empty? */
  haveLabel(blocks: readonly number[], name: Uint8Array): boolean {
    let haveAll = true;
    this.#blocks.forEachSample(blocks, (sample) => {
      haveAll &&= this.#valueOf(sample, name).start !== 0;
    });
    return haveAll;
  }

  /** What the label with this written name adds to the hash of the sample's labels. */
  labelHash(sample: number, name: Uint8Array): number {
    const { start, end } = this.#valueOf(sample, name);
    const nameEnd = start - '="'.length;
    return end === start ? 0 : this.#engine.hashLabel(nameEnd - name.length, nameEnd, start, end);
  }

  /** A second hash of the labels without the one with this written name, 32 bits without a sign. */
  secondHashWithout(excluded: Uint8Array, sample: number): number {
    return this.#engine.hashOthers(this.#table.lineStarts[sample] ?? 0, excluded);
  }

  /** The number that its `le` is. */
  boundOf(sample: number): number {
    const { start, end } = this.#valueOf(sample, LE);
    return end === start ? NaN : numberOf(this.#engine.bytes, start, end);
  }

  /** Where the line is, up to its exemplar, without its line feed. */
  rangeWithoutExemplar(sample: number, block: number): { readonly start: number; readonly end: number } {
    const { start, end } = this.rangeOf(sample, block);
    const { exemplarStart } = this.#parser.parse(start);
    return { start, end: exemplarStart === 0 ? end - 1 : exemplarStart };
  }

  #valueOf(sample: number, name: Uint8Array): { readonly start: number; readonly end: number } {
    this.secondHashWithout(name, sample);
    return this.#engine.excluded;
  }
}
