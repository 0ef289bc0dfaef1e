import type { Body, BodyRefusal, BodySink, BodyStore } from '../../src/domain/fetching/body.ts';

/** Keeps bodies in plain memory and counts what was opened and never ended or discarded. */
export class CountingBodyStore implements BodyStore {
  /** Sinks that were neither ended nor discarded. */
  openSinks = 0;
  /** The most bytes that one sink was given. */
  largestBytes = 0;

  open(maxBytes: number): BodySink {
    this.openSinks++;
    return new CountingSink(this, maxBytes);
  }
}

class CountingSink implements BodySink {
  readonly #store: CountingBodyStore;
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #byteLength = 0;
  #isDone = false;

  constructor(store: CountingBodyStore, maxBytes: number) {
    this.#store = store;
    this.#maxBytes = maxBytes;
  }

  expect(byteLength: number): BodyRefusal | undefined {
    this.#checkOpen();
    return byteLength > this.#maxBytes ? 'too_large' : undefined;
  }

  write(chunk: Uint8Array): BodyRefusal | undefined {
    this.#checkOpen();
    if (this.#byteLength + chunk.byteLength > this.#maxBytes) return 'too_large';
    this.#chunks.push(new Uint8Array(chunk));
    this.#byteLength += chunk.byteLength;
    this.#store.largestBytes = Math.max(this.#store.largestBytes, this.#byteLength);
    return undefined;
  }

  end(): Body {
    this.#close();
    const bytes = Buffer.concat(this.#chunks);
    return {
      byteLength: bytes.length,
      bytes: () => bytes,
      retain: () => undefined,
      release: () => undefined,
    };
  }

  discard(): void {
    this.#close();
    this.#chunks = [];
  }

  #close(): void {
    this.#checkOpen();
    this.#isDone = true;
    this.#store.openSinks--;
  }

  #checkOpen(): void {
    if (this.#isDone) throw new Error('the sink is done');
  }
}
