import type { Body, BodyRefusal, BodySink, BodyStore } from '../../domain/body.ts';
import { PADDING } from './bytes.ts';

const FIRST_CAPACITY = 16 * 1024;

/** Keeps bodies in memory of the JavaScript heap's typed arrays; one body, one allocation where its size is announced. */
export class HeapBodyStore implements BodyStore {
  open(maxBytes: number): BodySink {
    return new HeapBodySink(maxBytes);
  }
}

class HeapBodySink implements BodySink {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  expect(byteLength: number): BodyRefusal | undefined {
    if (byteLength > this.#maxBytes) return 'too_large';
    if (byteLength > this.#capacity) this.#resize(byteLength);
    return undefined;
  }

  write(chunk: Uint8Array): BodyRefusal | undefined {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) {
      this.discard();
      return 'too_large';
    }
    if (length > this.#capacity) {
      this.#resize(Math.min(this.#maxBytes, Math.max(length, this.#capacity * 2, FIRST_CAPACITY)));
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
    return undefined;
  }

  end(): Body {
    return new HeapBody(this.#bytes.subarray(0, this.#length));
  }

  discard(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }

  get #capacity(): number {
    return Math.max(0, this.#bytes.length - PADDING);
  }

  #resize(capacity: number): void {
    const bytes = new Uint8Array(capacity + PADDING);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

class HeapBody implements Body {
  readonly byteLength: number;
  #bytes: Uint8Array | undefined;
  #holders = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.byteLength = bytes.length;
  }

  bytes(): Uint8Array {
    if (this.#bytes === undefined) throw new Error('the body has been released');
    return this.#bytes;
  }

  retain(): void {
    this.bytes();
    this.#holders++;
  }

  release(): void {
    this.bytes();
    this.#holders--;
    if (this.#holders === 0) this.#bytes = undefined;
  }
}
