import { isIPv6 } from 'node:net';
import type { BodySink, BodyStore } from '../../domain/fetching/body.ts';
import { failure } from '../../domain/fetching/failure.ts';
import {
  LOOP_HEADER,
  TARGET_ACCEPT,
  type FetchOutcome,
  type FetchRequest,
  type MetricsFetcher,
} from '../../domain/fetching/metrics-fetcher.ts';
import { HttpConnection, type ConnectionOptions } from './http-connection.ts';
import { HttpResponse, type Unanswered } from './http-response.ts';
import { PROGRAM_NAME } from '../../domain/program-name.ts';

export interface HttpMetricsFetcherOptions {
  /** Holds the bodies. */
  readonly bodies: BodyStore;
  /** The exporter's version, for the User-Agent. */
  readonly version: string;
  /** Milliseconds that a connection stays open unused: longer than the usual scrape intervals. */
  readonly idleTimeoutMs?: number;
}

type Origin = Pick<ConnectionOptions, 'scheme' | 'host' | 'port' | 'verifiesTls'>;

/** One fetch: the server, the request's text, and the sink of the body. */
interface Exchange {
  readonly origin: Origin;
  readonly key: string;
  readonly text: string;
  readonly sink: BodySink;
  readonly maxBodyBytes: number;
  readonly connectTimeoutMs: number;
}

const DEFAULT_IDLE_TIMEOUT_MS = 90_000;
const READ_BUFFER_BYTES = 128 * 1024;
const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/**
 * Fetches straight from the target's address over HTTP/1.1: kept connections, no redirects, no proxy, gzip accepted. Only
 * status 200 is a success, as for Prometheus. There is no timeout but the signal.
 */
export class HttpMetricsFetcher implements MetricsFetcher {
  readonly #bodies: BodyStore;
  readonly #fixedFields: string;
  readonly #idleTimeoutMs: number;
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  /** Unused connections, the last used one at the end. */
  readonly #idle = new Map<string, HttpConnection[]>();
  #isClosed = false;

  constructor({ bodies, version, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS }: HttpMetricsFetcherOptions) {
    this.#bodies = bodies;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#fixedFields =
      `Accept: ${TARGET_ACCEPT}\r\nAccept-Encoding: gzip\r\n${LOOP_HEADER}: 1\r\n` +
      `User-Agent: ${PROGRAM_NAME}/${version}\r\n\r\n`;
  }

  /** `no_address` for a target that HTTP can't reach; the other reasons are those of the connection and the response. */
  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const { target, endpoint } = request;
    if (signal.aborted) return failure('queued', 'the time was up before the fetch began');
    if (target.address.kind === 'none') return failure('no_address', target.address.hint);
    const { scheme, verifiesTls } = target.options;
    const origin = { scheme, verifiesTls, host: target.address.host, port: endpoint.port };
    const exchange = {
      origin,
      // A connection is the target's own: another container may have had the address before.
      key: [target.id, scheme, verifiesTls, origin.host, origin.port].join(' '),
      text: `GET ${endpoint.path} HTTP/1.1\r\nHost: ${hostField(origin)}\r\n${this.#fixedFields}`,
      sink: this.#bodies.open(request.maxBodyBytes),
      maxBodyBytes: request.maxBodyBytes,
      connectTimeoutMs: request.connectTimeoutMs ?? 0,
    };
    const kept = this.#removeIdle(exchange.key);
    let outcome = kept === undefined ? undefined : await this.#perform(kept, exchange, signal);
    // The other end may close a kept connection at any time: that says nothing about the target.
    if (outcome === undefined || isUnanswered(outcome)) {
      outcome = await this.#perform(this.#open(exchange), exchange, signal);
    }
    if (!isUnanswered(outcome)) return outcome;
    exchange.sink.discard();
    return failure('connection_failed', outcome.detail);
  }

  /** Closes idle connections at once, and the others after their response. */
  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#idle.values()].flat()) connection.close();
  }

  async #perform(
    connection: HttpConnection,
    exchange: Exchange,
    signal: AbortSignal,
  ): Promise<FetchOutcome | Unanswered> {
    const { key, text, sink, maxBodyBytes, connectTimeoutMs } = exchange;
    const response = new HttpResponse({ sink, maxBodyBytes, onDrain: () => connection.resume() });
    const outcome = await connection.perform(text, response, signal, connectTimeoutMs);
    if (this.#isClosed) connection.close();
    if (connection.isOpen) this.#idle.set(key, [...(this.#idle.get(key) ?? []), connection]);
    return outcome;
  }

  #open({ origin, key }: Exchange): HttpConnection {
    return new HttpConnection({
      ...origin,
      idleTimeoutMs: this.#idleTimeoutMs,
      readBuffer: this.#readBuffer,
      onClosed: (connection) => this.#forget(key, connection),
    });
  }

  #removeIdle(key: string): HttpConnection | undefined {
    const connection = this.#idle.get(key)?.findLast(({ isOpen }) => isOpen);
    if (connection !== undefined) this.#forget(key, connection);
    return connection;
  }

  #forget(key: string, connection: HttpConnection): void {
    const others = this.#idle.get(key)?.filter((other) => other !== connection) ?? [];
    if (others.length > 0) this.#idle.set(key, others);
    else this.#idle.delete(key);
  }
}

function isUnanswered(outcome: FetchOutcome | Unanswered): outcome is Unanswered {
  return !outcome.ok && outcome.reason === 'unanswered';
}

function hostField({ scheme, host, port }: Origin): string {
  const name = isIPv6(host) ? `[${host}]` : host;
  return port === DEFAULT_PORTS[scheme] ? name : `${name}:${port}`;
}
