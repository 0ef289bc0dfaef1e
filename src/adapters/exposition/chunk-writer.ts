import type { LineArena } from './line-arena.ts';

/** Pieces of at least this size go out from where they are; smaller ones are packed together first. */
const DIRECT_BYTES = 32 * 1024;

/** Puts the pieces of an answer together in few chunks. */
export class ChunkWriter {
  readonly #arena: LineArena;
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;
  /** What has been packed and not gone out yet. */
  #pack: Uint8Array | undefined;
  #packStart = 0;
  #packEnd = 0;

  constructor(arena: LineArena) {
    this.#arena = arena;
  }

  /** Appends bytes that stay as they are until the answer is released. */
  append(bytes: Uint8Array): void {
    this.#byteLength += bytes.length;
    if (bytes.length >= DIRECT_BYTES) {
      this.#flush();
      this.#chunks.push(bytes);
      return;
    }
    if (this.#pack === undefined || this.#packEnd + bytes.length > this.#pack.length) {
      this.#flush();
      this.#pack = this.#arena.reserve(bytes.length).bytes;
      this.#packStart = this.#arena.position;
      this.#packEnd = this.#packStart;
    }
    this.#pack.set(bytes, this.#packEnd);
    this.#packEnd += bytes.length;
  }

  finish(): { readonly chunks: readonly Uint8Array[]; readonly byteLength: number } {
    this.#flush();
    return { chunks: this.#chunks, byteLength: this.#byteLength };
  }

  #flush(): void {
    if (this.#pack === undefined) return;
    if (this.#packEnd > this.#packStart)
      this.#chunks.push(this.#pack.subarray(this.#packStart, this.#packEnd));
    this.#arena.advanceTo(this.#packEnd);
    this.#packStart = this.#packEnd;
  }
}
