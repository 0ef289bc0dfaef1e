import { ObjectPool, TrimTimer } from './object-pool.ts';

const MIN_BYTES = 16 * 1024;

/**
 * Memory for bodies, used again: to allocate it for each body of each scrape would cost more (zeros, garbage collection) than to
 * copy the body into it. Sizes are rounded up by a quarter at most.
 */
export class BufferPool {
  readonly #pools = new Map<number, ObjectPool<Uint8Array>>();
  readonly #timer: TrimTimer;

  constructor(nowMs?: () => number) {
    this.#timer = new TrimTimer(nowMs);
  }

  /** Memory of at least this size, with anything in it. */
  take(byteLength: number): Uint8Array {
    const size = sizeFor(byteLength);
    return this.#pools.get(size)?.take() ?? new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  }

  /** Gives back memory that `take` returned. */
  give(bytes: Uint8Array): void {
    let pool = this.#pools.get(bytes.length);
    if (pool === undefined) {
      pool = new ObjectPool();
      this.#pools.set(bytes.length, pool);
    }
    pool.give(bytes);
    if (this.#timer.isDue) this.#trim();
  }

  #trim(): void {
    for (const [size, pool] of this.#pools) {
      pool.trim();
      if (pool.count === 0) this.#pools.delete(size);
    }
  }
}

/** The next larger size: there are four from one power of two to the next. */
function sizeFor(byteLength: number): number {
  if (byteLength <= MIN_BYTES) return MIN_BYTES;
  const step = 2 ** (Math.floor(Math.log2(byteLength - 1)) - 2);
  return Math.ceil(byteLength / step) * step;
}
