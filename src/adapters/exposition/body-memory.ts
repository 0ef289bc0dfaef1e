/** What was free all this time is given back. */
const PERIOD_MS = 60_000;
const MIN_BYTES = 16 * 1024;

interface SizeClass {
  readonly free: Uint8Array[];
  /** The least that was free since the period began: so many were not needed. */
  spare: number;
}

/**
 * Memory for bodies, used again: a fresh allocation for each body of each scrape would cost more in filling it with zeros and in
 * garbage collection than the body's way through it. Sizes are rounded up by a quarter at most.
 */
export class BodyMemory {
  readonly #nowMs: () => number;
  readonly #classes = new Map<number, SizeClass>();
  #periodStartMs: number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#periodStartMs = nowMs();
  }

  /** Memory of at least so many bytes, with anything in it. */
  take(byteLength: number): Uint8Array {
    const size = sizeFor(byteLength);
    const sizeClass = this.#classes.get(size);
    const bytes = sizeClass?.free.pop();
    if (sizeClass === undefined || bytes === undefined)
      return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
    sizeClass.spare = Math.min(sizeClass.spare, sizeClass.free.length);
    return bytes;
  }

  /** Takes memory back that was taken here. */
  give(bytes: Uint8Array): void {
    let sizeClass = this.#classes.get(bytes.length);
    if (sizeClass === undefined) {
      sizeClass = { free: [], spare: 0 };
      this.#classes.set(bytes.length, sizeClass);
    }
    sizeClass.free.push(bytes);
    if (this.#nowMs() - this.#periodStartMs >= PERIOD_MS) this.#startPeriod();
  }

  #startPeriod(): void {
    this.#periodStartMs = this.#nowMs();
    for (const [size, sizeClass] of this.#classes) {
      sizeClass.free.splice(0, sizeClass.spare);
      sizeClass.spare = sizeClass.free.length;
      if (sizeClass.free.length === 0) this.#classes.delete(size);
    }
  }
}

/** The next size: four between a power of two and the next one. */
function sizeFor(byteLength: number): number {
  if (byteLength <= MIN_BYTES) return MIN_BYTES;
  const step = 2 ** (Math.floor(Math.log2(byteLength - 1)) - 2);
  return Math.ceil(byteLength / step) * step;
}
