import { LineEngine } from './line-engine.ts';
import type { KnownMetadata } from './metadata-parser.ts';
import { SampleLog } from './sample-log.ts';

/** So much is kept in any case. */
const MIN_KEPT_BYTES = 4 * 1024 * 1024;

/** The large memory of one merge, used again by the next. */
export class MergeMemory {
  readonly engine: LineEngine;
  readonly log = new SampleLog();
  readonly metadata: KnownMetadata;

  constructor(seed: number, metadata: KnownMetadata) {
    this.engine = new LineEngine(seed);
    this.metadata = metadata;
  }

  /**
   * Forgets everything. False where the engine's memory, which can't shrink, is much more than the last merge used: then
   * the next one is better off with a new engine.
   */
  reset(): boolean {
    const usedBytes = this.engine.position;
    this.engine.startMerge();
    this.log.reset();
    return this.engine.byteLength <= Math.max(MIN_KEPT_BYTES, 4 * usedBytes);
  }
}
