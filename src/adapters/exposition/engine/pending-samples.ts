import type { EngineConstants } from './engine-module.ts';

/** The samples that were read and not taken over yet, in columns: see SampleLog. */
export interface StagedSamples {
  readonly lineStarts: Int32Array;
  readonly labelHashes: Int32Array;
  readonly boundHashes: Int32Array;
  readonly flags: Uint16Array;
  readonly milliseconds: Float64Array;
  readonly runNames: Int32Array;
  readonly runFirstSamples: Int32Array;
  readonly runFlags: Uint16Array;
  /** Pairs: a known line's number counted from 1, and how many of the runs stand before it. */
  readonly notes: Int32Array;
  /** Pairs: a sample's number, and that of the first one with the same hash of name, labels and timestamp. */
  readonly suspects: Int32Array;
}

/** The columns where they are in the engine's memory. */
export function stagedSamplesIn(memory: ArrayBuffer, at: EngineConstants): StagedSamples {
  const count = at.MAX_STAGED;
  return {
    lineStarts: new Int32Array(memory, at.LINE_STARTS, count),
    labelHashes: new Int32Array(memory, at.LABEL_HASHES, count),
    boundHashes: new Int32Array(memory, at.BOUND_HASHES, count),
    flags: new Uint16Array(memory, at.FLAGS, count),
    milliseconds: new Float64Array(memory, at.MILLISECONDS, count),
    runNames: new Int32Array(memory, at.RUN_NAMES, count),
    runFirstSamples: new Int32Array(memory, at.RUN_FIRST_SAMPLES, count),
    runFlags: new Uint16Array(memory, at.RUN_FLAGS, count),
    notes: new Int32Array(memory, at.NOTES, 2 * count),
    suspects: new Int32Array(memory, at.SUSPECTS, 2 * count),
  };
}
