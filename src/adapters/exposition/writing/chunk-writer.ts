import type { LineEngine } from '../engine/line-engine.ts';

/** Pieces of at least this size are chunks of their own, without a copy; smaller ones are packed together. */
const DIRECT_BYTES = 8 * 1024;

/** Puts the pieces of an answer together in few chunks of the engine's memory. */
export class ChunkWriter {
  readonly #engine: LineEngine;
  /** Start and end offsets of the chunks, alternating. Views are made at the end, because the memory may move when it grows. */
  readonly #ends: number[] = [];
  #byteLength = 0;
  /** Start of the packed bytes that are no chunk yet; they end at the engine's position. */
  #packStart: number;

  constructor(engine: LineEngine) {
    this.#engine = engine;
    this.#packStart = engine.position;
  }

  appendText(text: string): void {
    const engine = this.#engine;
    const byteLength = Buffer.byteLength(text);
    engine.ensureRoom(byteLength);
    const { position } = engine;
    engine.bytes.write(text, position);
    engine.advanceTo(position + byteLength);
    this.#byteLength += byteLength;
  }

  /** Appends the bytes [start, end) of the engine's memory, which stay as they are. */
  appendRange(start: number, end: number): void {
    this.#byteLength += end - start;
    if (end - start >= DIRECT_BYTES) {
      this.#flush();
      this.#ends.push(start, end);
      return;
    }
    this.#engine.appendCopy(start, end);
  }

  finish(): { readonly chunks: readonly Uint8Array[]; readonly byteLength: number } {
    this.#flush();
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < this.#ends.length; i += 2) {
      chunks.push(this.#engine.bytes.subarray(this.#ends[i], this.#ends[i + 1]));
    }
    return { chunks, byteLength: this.#byteLength };
  }

  #flush(): void {
    const { position } = this.#engine;
    if (position > this.#packStart) this.#ends.push(this.#packStart, position);
    this.#packStart = position;
  }
}
