import type { InputSyntax } from '../../domain/exposition/format.ts';
import { latin1, seriesEnd } from './bytes.ts';
import { labelHash } from './identity-labels.ts';
import type { LineArena } from './line-arena.ts';
import { numberOf } from './number-scan.ts';
import type { RunTable } from './run-table.ts';
import type { SampleLog } from './sample-log.ts';
import { writtenName } from './sample-relabeler.ts';
import { SampleParser, type ParsedSample } from './sample-parser.ts';

/** Reads again what was written, for the few families that need a closer look. */
export class WrittenLines {
  readonly #arena: LineArena;
  readonly #log: SampleLog;
  readonly #runs: RunTable;
  readonly #syntax: InputSyntax;
  readonly #seed: number;

  constructor(arena: LineArena, log: SampleLog, runs: RunTable, syntax: InputSyntax, seed: number) {
    this.#arena = arena;
    this.#log = log;
    this.#runs = runs;
    this.#syntax = syntax;
    this.#seed = seed;
  }

  /** The line, with its line feed. */
  bytesOf(sample: number, run: number): Uint8Array {
    const bytes = this.#chunk(run);
    const start = this.#log.lineStarts[sample] ?? 0;
    const isLast = sample + 1 === this.#log.endOfRun(run);
    const end = isLast ? this.#log.runEnds[run] : this.#log.lineStarts[sample + 1];
    return bytes.subarray(start, end);
  }

  parse(sample: number, run: number): ParsedSample {
    return new SampleParser(this.#chunk(run), this.#syntax).parse(this.#log.lineStarts[sample] ?? 0);
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

  /** The line without its exemplar. */
  withoutExemplar(sample: number, run: number): Uint8Array {
    const line = this.bytesOf(sample, run);
    const { value, timestamp } = this.parse(sample, run);
    const series = latin1(line, 0, seriesEnd(line, 0));
    return Buffer.from(`${series} ${value}${timestamp === undefined ? '' : ` ${timestamp}`}\n`, 'latin1');
  }

  #chunk(run: number): Uint8Array {
    const chunk = this.#arena.chunks[this.#log.runChunks[run] ?? 0];
    if (chunk === undefined) throw new RangeError(`no chunk for run ${run}`);
    return chunk.bytes;
  }
}
