import type { Body, BodyRefusal, BodySink, BodyStore } from '../../../domain/fetching/body.ts';
import { BufferPool } from './buffer-pool.ts';

/** Keeps bodies in memory outside of the JavaScript heap. A body whose size is announced is allocated once. */
export class HeapBodyStore implements BodyStore {
  readonly #pool = new BufferPool();

  open(maxBytes: number): BodySink {
    return new HeapBodySink(maxBytes, this.#pool);
  }
}

class HeapBodySink implements BodySink {
  readonly #maxBytes: number;
  readonly #pool: BufferPool;
  #bytes: Uint8Array | undefined;
  #length = 0;

  constructor(maxBytes: number, pool: BufferPool) {
    this.#maxBytes = maxBytes;
    this.#pool = pool;
  }

  expect(byteLength: number): BodyRefusal | undefined {
    if (byteLength > this.#maxBytes) return 'too_large';
    this.#ensure(byteLength);
    return undefined;
  }

  write(chunk: Uint8Array): BodyRefusal | undefined {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) {
      this.discard();
      return 'too_large';
    }
    this.#ensure(length).set(chunk, this.#length);
    this.#length = length;
    return undefined;
  }

  end(): Body {
    const bytes = this.#ensure(this.#length);
    this.#bytes = undefined;
    return new HeapBody(bytes, this.#length, this.#pool);
  }

  discard(): void {
    if (this.#bytes !== undefined) this.#pool.give(this.#bytes);
    this.#bytes = undefined;
    this.#length = 0;
  }

  /** Memory for that many bytes. */
  #ensure(byteLength: number): Uint8Array {
    const before = this.#bytes;
    const missing = byteLength - (before?.length ?? 0);
    if (before !== undefined && missing <= 0) return before;
    const bytes = this.#pool.take(Math.max(byteLength, 2 * (before?.length ?? 0)));
    this.#bytes = bytes;
    if (before === undefined) return bytes;
    bytes.set(before.subarray(0, this.#length));
    this.#pool.give(before);
    return bytes;
  }
}

class HeapBody implements Body {
  readonly byteLength: number;
  readonly #pool: BufferPool;
  #bytes: Uint8Array | undefined;
  #holders = 1;

  constructor(bytes: Uint8Array, byteLength: number, pool: BufferPool) {
    this.#bytes = bytes;
    this.byteLength = byteLength;
    this.#pool = pool;
  }

  bytes(): Uint8Array {
    return this.#held().subarray(0, this.byteLength);
  }

  retain(): void {
    this.#held();
    this.#holders++;
  }

  release(): void {
    const bytes = this.#held();
    this.#holders--;
    if (this.#holders > 0) return;
    this.#bytes = undefined;
    this.#pool.give(bytes);
  }

  #held(): Uint8Array {
    if (this.#bytes === undefined) throw new Error('the body has been released');
    return this.#bytes;
  }
}
