import type { Logger } from '../../domain/logger.ts';

export type RefusalKind = 'address' | 'tls' | 'rate limit' | 'credentials' | 'password queue';

/** The addresses of a socket. */
interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

const INTERVAL_MS = 60_000;

interface LastLine {
  readonly atMs: number;
  refusedSince: number;
}

/** Logs which clients the server refused and why: at most one line per kind and minute, with the number of those in between. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #lastLines = new Map<RefusalKind, LastLine>();

  constructor(logger: Logger, nowMs: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  report(kind: RefusalKind, peer: Peer, reason: string): void {
    const fields = { kind, peer: peer.remoteAddress, reason };
    // From this machine: the health check, which has neither certificate nor password and is refused every time. (A client that
    // has disconnected has no address any more; then both are undefined.)
    if (peer.remoteAddress === peer.localAddress) {
      this.#logger.debug('client refused', fields);
      return;
    }
    const lastLine = this.#lastLines.get(kind);
    if (lastLine !== undefined && this.#nowMs() - lastLine.atMs < INTERVAL_MS) {
      lastLine.refusedSince += 1;
      return;
    }
    this.#lastLines.set(kind, { atMs: this.#nowMs(), refusedSince: 0 });
    this.#logger.warn('client refused', { ...fields, refused_since_last_line: lastLine?.refusedSince ?? 0 });
  }
}
