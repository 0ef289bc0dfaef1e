const PERIOD_MS = 60_000;

/** A pool of objects that are expensive to create; `trim` drops those not needed since the last trim. */
export class ObjectPool<T> {
  readonly #items: T[] = [];
  /** Fewest idle objects since the last `trim`: that many were never needed. */
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

  trim(): void {
    this.#items.splice(0, this.#unneeded);
    this.#unneeded = this.#items.length;
  }
}

/** Due at most once a minute. */
export class TrimTimer {
  readonly #nowMs: () => number;
  #lastMs: number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
  }

  get isDue(): boolean {
    if (this.#nowMs() - this.#lastMs < PERIOD_MS) return false;
    this.#lastMs = this.#nowMs();
    return true;
  }
}
