import type { Clock } from '../../../domain/clock.ts';
import type { ClientName } from './clients/exec-client.ts';

const REMEMBERED_MS = 10 * 60_000;
const MAX_ENTRIES = 1000;

/**
 * Facts about the containers' images that fetches have found out, each kept for ten minutes: an exec of a program that an
 * image doesn't have costs as much as another one, and has leaked memory in the daemon (moby#30311).
 */
export class ContainerFacts {
  readonly #clients: ExpiringMemory<ClientName | 'none'>;
  readonly #withoutSession: ExpiringMemory<true>;

  constructor(clock: Clock) {
    this.#clients = new ExpiringMemory(clock);
    this.#withoutSession = new ExpiringMemory(clock);
  }

  /** The client that a one-shot exec finds; undefined: not known, so curl is tried first. */
  client(containerId: string): ClientName | 'none' | undefined {
    return this.#clients.recall(containerId);
  }

  rememberClient(containerId: string, client: ClientName | 'none'): void {
    this.#clients.remember(containerId, client);
  }

  /** True as long as nothing else is known. */
  canHoldSession(containerId: string): boolean {
    return this.#withoutSession.recall(containerId) === undefined;
  }

  rememberNoSession(containerId: string): void {
    this.#withoutSession.remember(containerId, true);
  }
}

/** A fact per container; with very many containers the oldest facts go first. */
class ExpiringMemory<T> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly fact: T; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  recall(containerId: string): T | undefined {
    const entry = this.#entries.get(containerId);
    if (entry === undefined || entry.untilMs > this.#clock.nowMs()) return entry?.fact;
    this.#entries.delete(containerId);
    return undefined;
  }

  remember(containerId: string, fact: T): void {
    this.#entries.delete(containerId);
    this.#entries.set(containerId, { fact, untilMs: this.#clock.nowMs() + REMEMBERED_MS });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
  }
}
