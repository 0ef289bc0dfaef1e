import { ObjectPool, TrimTimer } from './object-pool.ts';

const MIN_BYTES = 16 * 1024;

/**
 * Memory for bodies, used again: a fresh allocation for each body of each scrape would cost more in filling it with zeros and in
 * garbage collection than the body's way through it. Sizes are rounded up by a quarter at most.
 */
export class BufferPool {
  readonly #spares = new Map<number, ObjectPool<Uint8Array>>();
  readonly #times: TrimTimer;

  constructor(nowMs?: () => number) {
    this.#times = new TrimTimer(nowMs);
  }

  /** Memory of at least so many bytes, with anything in it. */
  take(byteLength: number): Uint8Array {
    const size = sizeFor(byteLength);
    return this.#spares.get(size)?.take() ?? new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  }

  /** Takes memory back that was taken here. */
  give(bytes: Uint8Array): void {
    let spares = this.#spares.get(bytes.length);
    if (spares === undefined) {
      spares = new ObjectPool();
      this.#spares.set(bytes.length, spares);
    }
    spares.give(bytes);
    if (this.#times.isDue) this.#trim();
  }

  #trim(): void {
    for (const [size, spares] of this.#spares) {
      spares.trim();
      if (spares.count === 0) this.#spares.delete(size);
    }
  }
}

/** The next size: four between a power of two and the next one. */
function sizeFor(byteLength: number): number {
  if (byteLength <= MIN_BYTES) return MIN_BYTES;
  const step = 2 ** (Math.floor(Math.log2(byteLength - 1)) - 2);
  return Math.ceil(byteLength / step) * step;
}
