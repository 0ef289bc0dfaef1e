import type { Clock } from '../../domain/clock.ts';
import type { WgetFlavour } from './wget-client.ts';

export type ExecClient = 'curl' | WgetFlavour;

const KEPT_MS = 10 * 60_000;
const MAX_CONTAINERS = 1000;

/**
 * Remembers for ten minutes what a container without curl has instead: each exec of a program that an image doesn't have
 * costs as much as another one, and has leaked memory in the daemon (moby#30311).
 */
export class ClientMemory {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly client: WgetFlavour | 'none'; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  recall(containerId: string): WgetFlavour | 'none' | undefined {
    const entry = this.#entries.get(containerId);
    if (entry === undefined || entry.untilMs > this.#clock.nowMs()) return entry?.client;
    this.#entries.delete(containerId);
    return undefined;
  }

  remember(containerId: string, client: WgetFlavour | 'none'): void {
    this.#entries.delete(containerId);
    this.#entries.set(containerId, { client, untilMs: this.#clock.nowMs() + KEPT_MS });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_CONTAINERS && oldest !== undefined) this.#entries.delete(oldest);
  }
}
