import type { InputSyntax } from '../../domain/exposition/format.ts';
import type { LineEngine } from './line-engine.ts';
import type { MergeMemory } from './merge-memory.ts';
import { numberOf } from './number-scan.ts';
import type { RunTable } from './run-table.ts';
import type { SampleLog } from './sample-log.ts';
import { canonicalLabels, type ParsedSample } from './parsed-sample.ts';
import { WrittenLineParser } from './written-line-parser.ts';
import { writtenName } from './written-names.ts';

/** Reads again what was written, for the few families that need a closer look. */
export class WrittenLines {
  readonly #engine: LineEngine;
  readonly #log: SampleLog;
  readonly #runs: RunTable;
  readonly #parser: WrittenLineParser;

  constructor({ engine, log }: MergeMemory, runs: RunTable, syntax: InputSyntax) {
    this.#engine = engine;
    this.#log = log;
    this.#runs = runs;
    this.#parser = new WrittenLineParser(engine, syntax);
  }

  /** Where the line is, with its line feed. */
  rangeOf(sample: number, run: number): { readonly start: number; readonly end: number } {
    const isLast = sample + 1 === this.#log.endOfRun(run);
    const end = isLast ? this.#log.runEnds[run] : this.#log.lineStarts[sample + 1];
    return { start: this.#log.lineStarts[sample] ?? 0, end: end ?? 0 };
  }

  parse(sample: number): ParsedSample {
    return this.#parser.sample(this.#log.lineStarts[sample] ?? 0);
  }

  haveLabel(runs: readonly number[], name: string): boolean {
    let haveAll = true;
    this.#runs.forEachSample(runs, (sample) => {
      haveAll &&= this.parse(sample).labels.some((label) => label.name === name);
    });
    return haveAll;
  }

  /** What a label adds to the hash of the sample's labels. */
  labelHash(sample: number, name: string): number {
    const label = this.parse(sample).labels.find((other) => other.name === name);
    return label === undefined || label.value === ''
      ? 0
      : this.#engine.hashLabelText(writtenName(name), label.value);
  }

  /** The labels without this one, in an order of their own: equal for the same labels. */
  labelTextWithout(name: string, sample: number): string {
    return canonicalLabels(this.parse(sample).labels.filter((label) => label.name !== name));
  }

  /** The number that its `le` is. */
  boundOf(sample: number): number {
    const bound = this.parse(sample).labels.find(({ name }) => name === 'le')?.value ?? '';
    return numberOf(Buffer.from(bound), 0, bound.length);
  }

  /** Where the line is, up to its exemplar, without its line feed. */
  rangeWithoutExemplar(sample: number, run: number): { readonly start: number; readonly end: number } {
    const { start, end } = this.rangeOf(sample, run);
    const { exemplarStart } = this.#parser.parse(start);
    return { start, end: exemplarStart === 0 ? end - 1 : exemplarStart };
  }
}
