import type { Logger } from '../../domain/logger.ts';

export type RefusalKind = 'address' | 'tls' | 'rate limit' | 'credentials' | 'password queue';

/** A socket, as far as the log says who that is. */
interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

const INTERVAL_MS = 60_000;

interface Told {
  readonly atMs: number;
  unmentioned: number;
}

/** Tells the operator whom the server refused and why: one line per kind and minute, however many there are. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #told = new Map<RefusalKind, Told>();

  constructor(logger: Logger, nowMs: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  note(kind: RefusalKind, peer: Peer, reason: string): void {
    const fields = { kind, peer: peer.remoteAddress, reason };
    // The health check has neither certificate nor password, and is refused every time. Who has left has no address.
    if (peer.remoteAddress === peer.localAddress) {
      this.#logger.debug('client refused', fields);
      return;
    }
    const told = this.#told.get(kind);
    if (told !== undefined && this.#nowMs() - told.atMs < INTERVAL_MS) {
      told.unmentioned += 1;
      return;
    }
    this.#told.set(kind, { atMs: this.#nowMs(), unmentioned: 0 });
    this.#logger.warn('client refused', { ...fields, refused_since_last_line: told?.unmentioned ?? 0 });
  }
}
