import type { EngineConstants } from './engine-module.ts';

/** The samples that were read and not taken over yet, in columns: see SampleTable. */
export interface PendingSamples {
  readonly lineStarts: Int32Array;
  readonly labelHashes: Int32Array;
  readonly boundHashes: Int32Array;
  readonly flags: Uint16Array;
  readonly milliseconds: Float64Array;
  readonly blockNames: Int32Array;
  readonly blockFirstSamples: Int32Array;
  readonly blockFlags: Uint16Array;
  /** Pairs: a known line's number counted from 1, and how many of the blocks stand before it. */
  readonly marks: Int32Array;
  /** Pairs: a sample's number, and that of the first one with the same hash of name, labels and timestamp. */
  readonly possibleDuplicates: Int32Array;
}

/** The columns where they are in the engine's memory. */
export function pendingSamplesIn(memory: ArrayBuffer, at: EngineConstants): PendingSamples {
  const count = at.MAX_PENDING;
  return {
    lineStarts: new Int32Array(memory, at.LINE_STARTS, count),
    labelHashes: new Int32Array(memory, at.LABEL_HASHES, count),
    boundHashes: new Int32Array(memory, at.BOUND_HASHES, count),
    flags: new Uint16Array(memory, at.FLAGS, count),
    milliseconds: new Float64Array(memory, at.MILLISECONDS, count),
    blockNames: new Int32Array(memory, at.BLOCK_NAMES, count),
    blockFirstSamples: new Int32Array(memory, at.BLOCK_FIRST_SAMPLES, count),
    blockFlags: new Uint16Array(memory, at.BLOCK_FLAGS, count),
    marks: new Int32Array(memory, at.METADATA_MARKS, 2 * count),
    possibleDuplicates: new Int32Array(memory, at.POSSIBLE_DUPLICATES, 2 * count),
  };
}
