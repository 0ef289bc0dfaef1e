import type { Syntax } from '../../../domain/exposition/format.ts';
import { millisecondsOf } from '../../../domain/exposition/timestamp.ts';
import { equalRange, seriesEnd } from '../lines/bytes.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import type { MergeMemory } from './merge-memory.ts';
import { HAS_TIMESTAMP } from '../engine/sample-flags.ts';
import type { SampleTable } from './sample-table.ts';
import { canonicalLabels } from '../lines/parsed-sample.ts';
import { WrittenLineParser } from './written-line-parser.ts';

/** Compares the written lines of samples with equal hashes: is it the same series at the same time? */
export class SeriesComparison {
  readonly #engine: LineEngine;
  readonly #table: SampleTable;
  readonly #output: Syntax;
  readonly #parser: WrittenLineParser;
  /** Canonical texts of samples that have another series' hash. */
  readonly #collided = new Set<string>();

  constructor({ engine, table }: MergeMemory, output: Syntax) {
    this.#engine = engine;
    this.#table = table;
    this.#output = output;
    this.#parser = new WrittenLineParser(engine, output);
  }

  /** Forgets the samples compared before. */
  start(): void {
    this.#collided.clear();
  }

  /** Is it the same as `first`, the first one with its hash, or as another one with this hash that was compared since? */
  isDuplicate(sample: number, first: number): boolean {
    if (this.#isSame(first, sample)) return true;
    const text = this.#canonicalText(sample);
    if (this.#collided.has(text)) return true;
    this.#collided.add(text);
    return false;
  }

  #isSame(left: number, right: number): boolean {
    const { lineStarts, timestamps, flags } = this.#table;
    const { bytes, view } = this.#engine;
    const start = lineStarts[left] ?? 0;
    const end = seriesEnd(bytes, start);
    const otherStart = lineStarts[right] ?? 0;
    const isSameText =
      end - start === seriesEnd(bytes, otherStart) - otherStart &&
      equalRange(view, otherStart, view, start, end);
    // Beyond that, two timestamps may be one number.
    const isExact = Math.abs(timestamps[left] ?? 0) < Number.MAX_SAFE_INTEGER;
    if (isSameText && isExact) {
      return (
        timestamps[left] === timestamps[right] &&
        ((flags[left] ?? 0) & HAS_TIMESTAMP) === ((flags[right] ?? 0) & HAS_TIMESTAMP)
      );
    }
    return this.#canonicalText(left) === this.#canonicalText(right);
  }

  /** Name, labels in order and timestamp: equal for the same series at the same time. */
  #canonicalText(sample: number): string {
    const { name, labels, timestamp } = this.#parser.sample(this.#table.lineStarts[sample] ?? 0);
    const time = timestamp === undefined ? null : millisecondsOf(timestamp, this.#output);
    return JSON.stringify([name, canonicalLabels(labels), time]);
  }
}
