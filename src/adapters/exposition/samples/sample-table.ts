import type { LineEngine } from '../engine/line-engine.ts';
import { HAS_LE, HAS_QUANTILE, HAS_TIMESTAMP, IS_DROPPED, IS_OUT_OF_ORDER } from '../engine/sample-flags.ts';

const FIRST_SAMPLES = 4096;
const FIRST_BLOCKS = 512;

/** A position in the sample table, to rewind to. */
export interface TableMark {
  readonly samples: number;
  readonly blocks: number;
}

/**
 * The samples of a merge, in columns, and the blocks: consecutive lines of one name of one source in the arena. The columns are
 * public for the sake of the loops over them.
 */
export class SampleTable {
  samples = 0;
  /** Start of the line in the engine's memory; it ends where the next one of its block begins. */
  lineStarts = new Int32Array(FIRST_SAMPLES);
  /** Sum over the hashes of the labels, so that their order doesn't matter. */
  labelHashes = new Int32Array(FIRST_SAMPLES);
  /** The hash of `le` within that sum if there is one, else of `quantile`. */
  boundHashes = new Int32Array(FIRST_SAMPLES);
  /** Timestamp in milliseconds; 0 without one. */
  timestamps = new Float64Array(FIRST_SAMPLES);
  flags = new Uint16Array(FIRST_SAMPLES);
  /** From this sample on all bound hashes (timestamps) are 0: most bodies have none, and their memory is not even touched. */
  #boundsEnd = 0;
  #timestampsEnd = 0;

  blocks = 0;
  blockNames = new Int32Array(FIRST_BLOCKS);
  blockStarts = new Int32Array(FIRST_BLOCKS);
  blockEnds = new Int32Array(FIRST_BLOCKS);
  blockFirstSamples = new Int32Array(FIRST_BLOCKS);
  /** The flags that any sample of the block has. */
  blockFlags = new Uint16Array(FIRST_BLOCKS);

  /** Adds the samples that the engine has pending. */
  addPending(engine: LineEngine): void {
    const { pendingSamples, pendingBlocks, pending, position } = engine;
    const first = this.samples;
    const samples = first + pendingSamples;
    while (samples > this.lineStarts.length) this.#resizeSamples(this.lineStarts.length * 2);
    while (this.blocks + pendingBlocks > this.blockNames.length)
      this.#resizeBlocks(this.blockNames.length * 2);
    this.lineStarts.set(pending.lineStarts.subarray(0, pendingSamples), first);
    this.labelHashes.set(pending.labelHashes.subarray(0, pendingSamples), first);
    this.flags.set(pending.flags.subarray(0, pendingSamples), first);
    let allFlags = 0;
    for (let i = 0; i < pendingBlocks; i++) {
      const block = this.blocks++;
      const firstSample = pending.blockFirstSamples[i] ?? 0;
      const start = pending.lineStarts[firstSample] ?? 0;
      this.blockNames[block] = pending.blockNames[i] ?? 0;
      this.blockStarts[block] = start;
      this.blockFirstSamples[block] = first + firstSample;
      const flags = pending.blockFlags[i] ?? 0;
      this.blockFlags[block] = flags;
      allFlags |= flags;
      if (i > 0) this.blockEnds[block - 1] = start;
    }
    if ((allFlags & (HAS_LE | HAS_QUANTILE)) !== 0) {
      this.boundHashes.set(pending.boundHashes.subarray(0, pendingSamples), first);
      this.#boundsEnd = samples;
    }
    if ((allFlags & HAS_TIMESTAMP) !== 0) {
      this.timestamps.set(pending.milliseconds.subarray(0, pendingSamples), first);
      this.#timestampsEnd = samples;
    }
    this.samples = samples;
    if (pendingSamples > 0) this.blockEnds[this.blocks - 1] = position;
  }

  /** The block that a sample is in. */
  blockOf(sample: number): number {
    let low = 0;
    let high = this.blocks - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.blockFirstSamples[middle] ?? 0) <= sample) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Drops a sample from the output. */
  drop(sample: number, block: number): void {
    this.flags[sample] = (this.flags[sample] ?? 0) | IS_DROPPED;
    this.blockFlags[block] = (this.blockFlags[block] ?? 0) | IS_DROPPED;
  }

  /** Marks a block's bucket order as unknown. */
  markOrderUnknown(block: number): void {
    markBucketUnknown(this.blockFlags, block);
    const end = this.endOfBlock(block);
    for (let sample = this.firstOfBlock(block); sample < end; sample++) markBucketUnknown(this.flags, sample);
  }

  /** Timestamp in milliseconds; a sample without one comes last. */
  timeOf(sample: number): number {
    return ((this.flags[sample] ?? 0) & HAS_TIMESTAMP) === 0 ? Infinity : (this.timestamps[sample] ?? 0);
  }

  firstOfBlock(block: number): number {
    return this.blockFirstSamples[block] ?? 0;
  }

  /** The sample after the last one of a block. */
  endOfBlock(block: number): number {
    return block + 1 < this.blocks ? (this.blockFirstSamples[block + 1] ?? this.samples) : this.samples;
  }

  /** Forgets all samples, and gives memory back if the last merge used little of it. */
  reset(): void {
    const length = Math.max(FIRST_SAMPLES, this.samples * 2);
    this.rewind({ samples: 0, blocks: 0 });
    if (length * 2 < this.lineStarts.length) this.#resizeSamples(length);
  }

  mark(): TableMark {
    return { samples: this.samples, blocks: this.blocks };
  }

  rewind({ samples, blocks }: TableMark): void {
    this.samples = samples;
    this.blocks = blocks;
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

  #resizeBlocks(length: number): void {
    this.blockNames = resized(this.blockNames, this.blocks, new Int32Array(length));
    this.blockStarts = resized(this.blockStarts, this.blocks, new Int32Array(length));
    this.blockEnds = resized(this.blockEnds, this.blocks, new Int32Array(length));
    this.blockFirstSamples = resized(this.blockFirstSamples, this.blocks, new Int32Array(length));
    this.blockFlags = resized(this.blockFlags, this.blocks, new Uint16Array(length));
  }
}

function markBucketUnknown(allFlags: Uint16Array, at: number): void {
  const flags = allFlags[at] ?? 0;
  if ((flags & HAS_LE) !== 0) allFlags[at] = flags | IS_OUT_OF_ORDER;
}

/** Moves the first `used` elements. */
function resized<T extends Int32Array | Float64Array | Uint16Array>(from: T, used: number, to: T): T {
  to.set(from.subarray(0, Math.min(used, to.length)));
  return to;
}
