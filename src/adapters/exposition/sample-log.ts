/** What a sample is, beside its text. */
export const HAS_TIMESTAMP = 1;
export const HAS_EXEMPLAR = 2;
export const HAS_LE = 4;
export const HAS_QUANTILE = 8;
/** Its `le` is `+Inf`. */
export const IS_INF_BUCKET = 16;
/** Its `le` is not a number. */
export const HAS_BAD_LE = 32;
/** Its `quantile` is not a number. */
export const HAS_BAD_QUANTILE = 64;
/** It is a bucket whose `le` is not above that of the bucket before it. */
export const IS_OUT_OF_ORDER = 128;

const FIRST_SAMPLES = 4096;
const FIRST_RUNS = 512;

/** How far a log was filled. */
export interface LogMark {
  readonly samples: number;
  readonly runs: number;
}

/**
 * What is known about each sample line of a merge, in columns, and the runs of lines of one name that stand together in
 * the arena. The columns are public for the sake of the loops over them; `add…` makes room.
 */
export class SampleLog {
  samples = 0;
  /** Where the line begins in its run's chunk. */
  lineStarts = new Int32Array(FIRST_SAMPLES);
  /** Of name, labels and timestamp. */
  seriesHashes = new Int32Array(FIRST_SAMPLES);
  /** Of the labels: a sum over them, so that their order doesn't matter. */
  labelHashes = new Int32Array(FIRST_SAMPLES);
  /** The part of it that a bucket's `le` has, or else `quantile`. */
  boundHashes = new Int32Array(FIRST_SAMPLES);
  /** Timestamp in milliseconds; 0 without one. */
  timestamps = new Float64Array(FIRST_SAMPLES);
  flags = new Uint8Array(FIRST_SAMPLES);

  runs = 0;
  runNames = new Int32Array(FIRST_RUNS);
  runChunks = new Int32Array(FIRST_RUNS);
  runStarts = new Int32Array(FIRST_RUNS);
  runEnds = new Int32Array(FIRST_RUNS);
  runFirstSamples = new Int32Array(FIRST_RUNS);

  /** Makes room for one more sample. */
  ensureSample(): void {
    if (this.samples === this.lineStarts.length) this.#resizeSamples(this.samples * 2);
  }

  /** Begins a run: the lines of one name from here on. */
  startRun(name: number, chunk: number, position: number): void {
    if (this.runs === this.runNames.length) this.#resizeRuns(this.runs * 2);
    const run = this.runs++;
    this.runNames[run] = name;
    this.runChunks[run] = chunk;
    this.runStarts[run] = position;
    this.runEnds[run] = position;
    this.runFirstSamples[run] = this.samples;
  }

  /** Timestamp in milliseconds; a sample without one comes last. */
  timeOf(sample: number): number {
    return ((this.flags[sample] ?? 0) & HAS_TIMESTAMP) === 0 ? Infinity : (this.timestamps[sample] ?? 0);
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

  /** The sample behind the last one of a run. */
  endOfRun(run: number): number {
    return run + 1 < this.runs ? (this.runFirstSamples[run + 1] ?? this.samples) : this.samples;
  }

  /** Forgets everything, and gives back memory if the last merge used little of it. */
  reset(): void {
    if (this.samples * 4 < this.lineStarts.length)
      this.#resizeSamples(Math.max(FIRST_SAMPLES, this.samples * 2));
    this.samples = 0;
    this.runs = 0;
  }

  mark(): LogMark {
    return { samples: this.samples, runs: this.runs };
  }

  rewind({ samples, runs }: LogMark): void {
    this.samples = samples;
    this.runs = runs;
  }

  #resizeSamples(length: number): void {
    this.lineStarts = resized(this.lineStarts, new Int32Array(length));
    this.seriesHashes = resized(this.seriesHashes, new Int32Array(length));
    this.labelHashes = resized(this.labelHashes, new Int32Array(length));
    this.boundHashes = resized(this.boundHashes, new Int32Array(length));
    this.timestamps = resized(this.timestamps, new Float64Array(length));
    this.flags = resized(this.flags, new Uint8Array(length));
  }

  #resizeRuns(length: number): void {
    this.runNames = resized(this.runNames, new Int32Array(length));
    this.runChunks = resized(this.runChunks, new Int32Array(length));
    this.runStarts = resized(this.runStarts, new Int32Array(length));
    this.runEnds = resized(this.runEnds, new Int32Array(length));
    this.runFirstSamples = resized(this.runFirstSamples, new Int32Array(length));
  }
}

function resized<T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from.subarray(0, to.length));
  return to;
}
