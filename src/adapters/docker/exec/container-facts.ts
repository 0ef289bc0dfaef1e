import type { Clock } from '../../../domain/clock.ts';

const MAX_ENTRIES = 1000;

/** Remembers a fact per container for a while; with very many containers the oldest facts go first. */
export class ExpiringMemory<T> {
  readonly #clock: Clock;
  readonly #keptMs: number;
  readonly #entries = new Map<string, { readonly fact: T; readonly untilMs: number }>();

  constructor(clock: Clock, keptMs: number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  recall(containerId: string): T | undefined {
    const entry = this.#entries.get(containerId);
    if (entry === undefined || entry.untilMs > this.#clock.nowMs()) return entry?.fact;
    this.#entries.delete(containerId);
    return undefined;
  }

  remember(containerId: string, fact: T): void {
    this.#entries.delete(containerId);
    this.#entries.set(containerId, { fact, untilMs: this.#clock.nowMs() + this.#keptMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
  }
}
