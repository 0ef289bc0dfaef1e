import type { SampleLog } from './sample-log.ts';

/** Are these two samples of the log, whose hashes are equal, the same series at the same time? */
export type IsSameSeries = (left: number, right: number) => boolean;

const FIRST_SLOTS = 4096;
const MAX_COMPARISONS = 16;

/** Finds samples that were there before, in time that grows with their number alone. */
export class SeriesIndex {
  readonly #log: SampleLog;
  /** Sample numbers, counted from 1 and raised by #base: what is lower belongs to an earlier source and counts as free. */
  #slots = new Int32Array(FIRST_SLOTS);
  #base = 0;
  #first = 0;
  #used = 0;
  /** Where many hashes are equal, samples are told apart by their canonical text. */
  readonly #crowded = new Set<string>();

  constructor(log: SampleLog) {
    this.#log = log;
  }

  /** Begins anew with the samples from the log's `first` on. */
  start(first: number): void {
    this.#base += this.#used;
    if (this.#base > 1 << 30) {
      this.#slots.fill(0);
      this.#base = 0;
    }
    this.#first = first;
    this.#used = 0;
    this.#crowded.clear();
  }

  /** Gives back memory if the last merge, of so many samples, used little of it. */
  reset(samples: number): void {
    if (samples * 16 >= this.#slots.length) return;
    this.#slots = new Int32Array(FIRST_SLOTS);
    this.#base = 0;
    this.#used = 0;
  }

  /** Adds a sample, unless it was there before: then returns false. */
  add(sample: number, isSame: IsSameSeries, canonicalText: (sample: number) => string): boolean {
    const { seriesHashes } = this.#log;
    const hash = seriesHashes[sample] ?? 0;
    if ((sample - this.#first + 1) * 2 > this.#slots.length) this.#grow(sample);
    const mask = this.#slots.length - 1;
    let comparisons = 0;
    let slot = hash & mask;
    for (; comparisons < MAX_COMPARISONS; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - this.#base;
      if (entry <= 0) {
        this.#occupy(slot, sample);
        return true;
      }
      const other = this.#first + entry - 1;
      if (seriesHashes[other] !== hash) continue;
      if (isSame(other, sample)) return false;
      comparisons++;
    }
    const text = canonicalText(sample);
    if (this.#crowded.has(text)) return false;
    this.#crowded.add(text);
    return true;
  }

  #occupy(slot: number, sample: number): void {
    const entry = sample - this.#first + 1;
    this.#slots[slot] = this.#base + entry;
    this.#used = Math.max(this.#used, entry);
  }

  #grow(sample: number): void {
    const { seriesHashes } = this.#log;
    const before = this.#slots;
    let length = before.length;
    while (length < (sample - this.#first + 1) * 2) length *= 2;
    const slots = new Int32Array(length);
    const mask = length - 1;
    for (const value of before) {
      const entry = value - this.#base;
      if (entry <= 0) continue;
      let slot = (seriesHashes[this.#first + entry - 1] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
    this.#base = 0;
  }
}
