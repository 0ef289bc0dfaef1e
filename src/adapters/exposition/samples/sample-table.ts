import type { LineEngine } from '../engine/line-engine.ts';
import { HAS_LE, HAS_QUANTILE, HAS_TIMESTAMP, IS_LEFT_OUT, IS_OUT_OF_ORDER } from '../engine/sample-flags.ts';

const FIRST_SAMPLES = 4096;
const FIRST_RUNS = 512;

/** How far a log was filled. */
export interface LogMark {
  readonly samples: number;
  readonly runs: number;
}

/**
 * What is known about each sample line of a merge, in columns, and the runs of lines of one name that stand together in
 * the arena. The columns are public for the sake of the loops over them.
 */
export class SampleLog {
  samples = 0;
  /** Where the line begins in the engine's memory; it ends where the next one of its run begins. */
  lineStarts = new Int32Array(FIRST_SAMPLES);
  /** Of the labels: a sum over them, so that their order doesn't matter. */
  labelHashes = new Int32Array(FIRST_SAMPLES);
  /** The part of it that a bucket's `le` has, or else `quantile`. */
  boundHashes = new Int32Array(FIRST_SAMPLES);
  /** Timestamp in milliseconds; 0 without one. */
  timestamps = new Float64Array(FIRST_SAMPLES);
  flags = new Uint16Array(FIRST_SAMPLES);
  /** From here on all are 0: most bodies have none, and their memory is not even touched. */
  #boundsEnd = 0;
  #timestampsEnd = 0;

  runs = 0;
  runNames = new Int32Array(FIRST_RUNS);
  runStarts = new Int32Array(FIRST_RUNS);
  runEnds = new Int32Array(FIRST_RUNS);
  runFirstSamples = new Int32Array(FIRST_RUNS);
  /** Of all samples of the run. */
  runFlags = new Uint16Array(FIRST_RUNS);

  /** Takes over the samples that the engine has staged; names are counted from 0 here. */
  takeStaged(engine: LineEngine): void {
    const { stagedSamples, stagedRuns, staged, position } = engine;
    const first = this.samples;
    const samples = first + stagedSamples;
    while (samples > this.lineStarts.length) this.#resizeSamples(this.lineStarts.length * 2);
    while (this.runs + stagedRuns > this.runNames.length) this.#resizeRuns(this.runNames.length * 2);
    this.lineStarts.set(staged.lineStarts.subarray(0, stagedSamples), first);
    this.labelHashes.set(staged.labelHashes.subarray(0, stagedSamples), first);
    this.flags.set(staged.flags.subarray(0, stagedSamples), first);
    let allFlags = 0;
    for (let i = 0; i < stagedRuns; i++) {
      const run = this.runs++;
      const firstSample = staged.runFirstSamples[i] ?? 0;
      const start = staged.lineStarts[firstSample] ?? 0;
      this.runNames[run] = (staged.runNames[i] ?? 0) - 1;
      this.runStarts[run] = start;
      this.runFirstSamples[run] = first + firstSample;
      const flags = staged.runFlags[i] ?? 0;
      this.runFlags[run] = flags;
      allFlags |= flags;
      if (i > 0) this.runEnds[run - 1] = start;
    }
    if ((allFlags & (HAS_LE | HAS_QUANTILE)) !== 0) {
      this.boundHashes.set(staged.boundHashes.subarray(0, stagedSamples), first);
      this.#boundsEnd = samples;
    }
    if ((allFlags & HAS_TIMESTAMP) !== 0) {
      this.timestamps.set(staged.milliseconds.subarray(0, stagedSamples), first);
      this.#timestampsEnd = samples;
    }
    this.samples = samples;
    if (stagedSamples > 0) this.runEnds[this.runs - 1] = position;
  }

  /** The run that a sample is in. */
  runOf(sample: number): number {
    let low = 0;
    let high = this.runs - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.runFirstSamples[middle] ?? 0) <= sample) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Says that a sample does not go out. */
  leaveOut(sample: number, run: number): void {
    this.flags[sample] = (this.flags[sample] ?? 0) | IS_LEFT_OUT;
    this.runFlags[run] = (this.runFlags[run] ?? 0) | IS_LEFT_OUT;
  }

  /** Says that the buckets of a run may be out of order. */
  doubtOrder(run: number): void {
    doubtBucket(this.runFlags, run);
    const end = this.endOfRun(run);
    for (let sample = this.firstOfRun(run); sample < end; sample++) doubtBucket(this.flags, sample);
  }

  /** Timestamp in milliseconds; a sample without one comes last. */
  timeOf(sample: number): number {
    return ((this.flags[sample] ?? 0) & HAS_TIMESTAMP) === 0 ? Infinity : (this.timestamps[sample] ?? 0);
  }

  firstOfRun(run: number): number {
    return this.runFirstSamples[run] ?? 0;
  }

  /** The sample behind the last one of a run. */
  endOfRun(run: number): number {
    return run + 1 < this.runs ? (this.runFirstSamples[run + 1] ?? this.samples) : this.samples;
  }

  /** Forgets everything, and gives back memory if the last merge used little of it. */
  reset(): void {
    const { samples } = this;
    this.rewind({ samples: 0, runs: 0 });
    const length = Math.max(FIRST_SAMPLES, samples * 2);
    if (length * 2 < this.lineStarts.length) this.#resizeSamples(length);
  }

  mark(): LogMark {
    return { samples: this.samples, runs: this.runs };
  }

  rewind({ samples, runs }: LogMark): void {
    this.samples = samples;
    this.runs = runs;
    this.boundHashes.fill(0, samples, this.#boundsEnd);
    this.timestamps.fill(0, samples, this.#timestampsEnd);
    this.#boundsEnd = Math.min(this.#boundsEnd, samples);
    this.#timestampsEnd = Math.min(this.#timestampsEnd, samples);
  }

  #resizeSamples(length: number): void {
    const { samples } = this;
    this.lineStarts = resized(this.lineStarts, samples, new Int32Array(length));
    this.labelHashes = resized(this.labelHashes, samples, new Int32Array(length));
    this.boundHashes = resized(this.boundHashes, this.#boundsEnd, new Int32Array(length));
    this.timestamps = resized(this.timestamps, this.#timestampsEnd, new Float64Array(length));
    this.flags = resized(this.flags, samples, new Uint16Array(length));
  }

  #resizeRuns(length: number): void {
    this.runNames = resized(this.runNames, this.runs, new Int32Array(length));
    this.runStarts = resized(this.runStarts, this.runs, new Int32Array(length));
    this.runEnds = resized(this.runEnds, this.runs, new Int32Array(length));
    this.runFirstSamples = resized(this.runFirstSamples, this.runs, new Int32Array(length));
    this.runFlags = resized(this.runFlags, this.runs, new Uint16Array(length));
  }
}

function doubtBucket(allFlags: Uint16Array, at: number): void {
  const flags = allFlags[at] ?? 0;
  if ((flags & HAS_LE) !== 0) allFlags[at] = flags | IS_OUT_OF_ORDER;
}

/** Moves the first `used` elements. */
function resized<T extends Int32Array | Float64Array | Uint16Array>(from: T, used: number, to: T): T {
  to.set(from.subarray(0, Math.min(used, to.length)));
  return to;
}
