import type { InputSyntax } from '../../domain/exposition/format.ts';
import { labelHash } from './identity-labels.ts';
import type { Chunk, LineArena } from './line-arena.ts';
import { numberOf } from './number-scan.ts';
import type { RunTable } from './run-table.ts';
import type { SampleLog } from './sample-log.ts';
import { writtenName } from './sample-relabeler.ts';
import { parsedSample, type ParsedSample } from './parsed-sample.ts';
import { SampleParser } from './sample-parser.ts';

/** Reads again what was written, for the few families that need a closer look. */
export class WrittenLines {
  readonly #arena: LineArena;
  readonly #log: SampleLog;
  readonly #runs: RunTable;
  readonly #syntax: InputSyntax;
  readonly #seed: number;
  #parser: SampleParser | undefined;
  #parsedChunk: Chunk | undefined;

  constructor(arena: LineArena, log: SampleLog, runs: RunTable, syntax: InputSyntax, seed: number) {
    this.#arena = arena;
    this.#log = log;
    this.#runs = runs;
    this.#syntax = syntax;
    this.#seed = seed;
  }

  /** The line, with its line feed. */
  bytesOf(sample: number, run: number): Uint8Array {
    const { bytes } = this.#chunk(run);
    const start = this.#log.lineStarts[sample] ?? 0;
    const isLast = sample + 1 === this.#log.endOfRun(run);
    const end = isLast ? this.#log.runEnds[run] : this.#log.lineStarts[sample + 1];
    return bytes.subarray(start, end);
  }

  parse(sample: number, run: number): ParsedSample {
    const chunk = this.#chunk(run);
    const parser = this.#parserOf(chunk);
    parser.parse(this.#log.lineStarts[sample] ?? 0);
    return parsedSample(parser, chunk.bytes);
  }

  haveLabel(runs: readonly number[], name: string): boolean {
    let haveAll = true;
    this.#runs.forEachSample(runs, (sample, run) => {
      haveAll &&= this.parse(sample, run).labels.some((label) => label.name === name);
    });
    return haveAll;
  }

  /** What a label adds to the hash of the sample's labels. */
  labelHash(sample: number, run: number, name: string): number {
    const label = this.parse(sample, run).labels.find((other) => other.name === name);
    return label === undefined || label.value === ''
      ? 0
      : labelHash(writtenName(name), label.value, this.#seed);
  }

  /** The number that its `le` is. */
  boundOf(sample: number, run: number): number {
    const bound = this.parse(sample, run).labels.find(({ name }) => name === 'le')?.value ?? '';
    return numberOf(Buffer.from(bound), 0, bound.length);
  }

  /** The line up to its exemplar, without its line feed. */
  withoutExemplar(sample: number, run: number): Uint8Array {
    const chunk = this.#chunk(run);
    const start = this.#log.lineStarts[sample] ?? 0;
    const parser = this.#parserOf(chunk);
    parser.parse(start);
    return chunk.bytes.subarray(start, parser.exemplarStart === 0 ? parser.end - 1 : parser.exemplarStart);
  }

  #parserOf(chunk: Chunk): SampleParser {
    if (this.#parsedChunk !== chunk || this.#parser === undefined) {
      this.#parser = new SampleParser(chunk.bytes, chunk.view, this.#syntax, true);
      this.#parsedChunk = chunk;
    }
    return this.#parser;
  }

  #chunk(run: number): Chunk {
    const chunk = this.#arena.chunks[this.#log.runChunks[run] ?? 0];
    if (chunk === undefined) throw new RangeError(`no chunk for run ${run}`);
    return chunk;
  }
}
