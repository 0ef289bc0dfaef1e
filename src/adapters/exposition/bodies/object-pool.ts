/** Things that are dear to make, kept for the next use as long as they are needed now and then. */
export class ObjectPool<T> {
  readonly #items: T[] = [];
  /** The least that was here since the last `trim`: so many were not needed. */
  #unneeded = 0;

  get count(): number {
    return this.#items.length;
  }

  take(): T | undefined {
    const item = this.#items.pop();
    this.#unneeded = Math.min(this.#unneeded, this.#items.length);
    return item;
  }

  give(item: T): void {
    this.#items.push(item);
  }

  /** Lets go what was not needed since the last time. */
  trim(): void {
    this.#items.splice(0, this.#unneeded);
    this.#unneeded = this.#items.length;
  }
}

/** Says now and then that it is time to trim, to whoever asks. */
export class TrimTimer {
  readonly #nowMs: () => number;
  #lastMs: number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
  }

  /** True at most once a minute. */
  get isDue(): boolean {
    if (this.#nowMs() - this.#lastMs < PERIOD_MS) return false;
    this.#lastMs = this.#nowMs();
    return true;
  }
}

const PERIOD_MS = 60_000;
