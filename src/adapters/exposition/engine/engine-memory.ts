import type { EngineConstants } from './engine-module.ts';
import { pendingSamplesIn, type PendingSamples } from './pending-samples.ts';

/** The merged exposition would need more memory than the engine can have. */
export class EngineFullError extends Error {
  override readonly name = 'EngineFullError';
}

const PAGE_BYTES = 64 * 1024;
const MIN_GROWTH_BYTES = 1024 * 1024;

/** What the host sees of an engine's memory. What was taken from it is of no use any more once it has grown. */
export class EngineMemory {
  bytes!: Buffer;
  view!: DataView;
  pending!: PendingSamples;
  readonly #memory: WebAssembly.Memory;
  readonly #at: EngineConstants;

  constructor(memory: WebAssembly.Memory, at: EngineConstants) {
    this.#memory = memory;
    this.#at = at;
    this.#refresh();
  }

  /** Grows by a step where there are not so many bytes, and some more that may be written in passing. Throws EngineFullError. */
  ensure(byteLength: number): void {
    const missing = byteLength + this.#at.PADDING - this.bytes.length;
    if (missing <= 0) return;
    const growth = Math.max(missing, MIN_GROWTH_BYTES, this.bytes.length >> 2);
    if (!this.#grow(growth) && !this.#grow(missing)) {
      throw new EngineFullError(`the merged exposition would take more than ${this.bytes.length} bytes`);
    }
  }

  #grow(byteLength: number): boolean {
    try {
      this.#memory.grow(Math.ceil(byteLength / PAGE_BYTES));
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#refresh();
    return true;
  }

  #refresh(): void {
    const { buffer } = this.#memory;
    this.bytes = Buffer.from(buffer);
    this.view = new DataView(buffer);
    this.pending = pendingSamplesIn(buffer, this.#at);
  }
}
