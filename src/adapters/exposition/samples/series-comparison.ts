import type { Syntax } from '../../../domain/exposition/format.ts';
import { millisecondsOf } from '../../../domain/exposition/timestamp.ts';
import { latin1, LINE_FEED, seriesEnd } from '../engine/bytes.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import type { MergeMemory } from './merge-memory.ts';
import { HAS_TIMESTAMP } from '../engine/sample-flags.ts';
import type { SampleTable } from './sample-table.ts';

const NOTHING = Buffer.alloc(0);

/** Compares the written lines of samples with equal hashes: is it the same series at the same time? */
export class SeriesComparison {
  readonly #engine: LineEngine;
  readonly #table: SampleTable;
  readonly #output: Syntax;
  /** Samples that have another series' hash, by what else is likely to tell them apart. */
  readonly #collided = new Map<string, number[]>();

  constructor({ engine, table }: MergeMemory, output: Syntax) {
    this.#engine = engine;
    this.#table = table;
    this.#output = output;
  }

  /** Forgets the samples compared before. */
  start(): void {
    this.#collided.clear();
  }

  /** Is it the same as `first`, the first one with its hash, or as another one with this hash that was compared since? */
  isDuplicate(sample: number, first: number): boolean {
    if (this.#isSame(first, sample)) return true;
    const hash = this.#engine.hashOthers(this.#table.lineStarts[sample] ?? 0, NOTHING);
    const key = `${first} ${hash} ${this.#time(sample)}`;
    const others = this.#collided.get(key);
    if (others === undefined) this.#collided.set(key, [sample]);
    else if (others.some((other) => this.#isSame(other, sample))) return true;
    else others.push(sample);
    return false;
  }

  #isSame(left: number, right: number): boolean {
    const { lineStarts, timestamps, flags } = this.#table;
    const time = timestamps[left] ?? 0;
    if (time !== timestamps[right]) return false;
    if ((((flags[left] ?? 0) ^ (flags[right] ?? 0)) & HAS_TIMESTAMP) !== 0) return false;
    if (!this.#engine.areSameSeries(lineStarts[left] ?? 0, lineStarts[right] ?? 0)) return false;
    return Math.abs(time) < Number.MAX_SAFE_INTEGER || this.#time(left) === this.#time(right);
  }

  /** The timestamp in whole milliseconds; empty without one. */
  #time(sample: number): string {
    const { bytes } = this.#engine;
    const start = seriesEnd(bytes, this.#table.lineStarts[sample] ?? 0) + 1;
    const [, time = ''] = latin1(bytes, start, bytes.indexOf(LINE_FEED, start)).split(' ');
    if (time === '' || time === '#') return '';
    return millisecondsOf(time, this.#output);
  }
}
