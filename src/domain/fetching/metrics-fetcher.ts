import type { Body } from './body.ts';
import type { Endpoint } from '../targets/endpoint.ts';
import type { Failure } from './failure.ts';
import type { Target } from '../targets/target.ts';

/** The parameters of one fetch. */
export interface FetchRequest {
  readonly target: Target;
  readonly endpoint: Endpoint;
  /** Milliseconds from now, for a technique that can't be stopped from outside (docker exec); the signal is the deadline. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /**
   * Milliseconds that connecting may take if another technique is to be tried next; after that the fetch fails with
   * `connection_failed`. Default: as long as the signal allows.
   */
  readonly connectTimeoutMs?: number;
  /**
   * The target's own time limit. A fetcher that has to wait for other fetches pauses it meanwhile. Absent: `timeoutMs` from now.
   */
  readonly limit?: TimeLimit;
  /** False while the discovery (the Docker daemon, unless another one is used) doesn't answer. */
  readonly isDaemonReachable: boolean;
}

/** The time that a target may take, not counting the time that its fetch waits for other fetches. */
export interface TimeLimit {
  /** Milliseconds left now; 0 or less: the time is over. */
  leftMs(): number;
  /**
   * Pauses the limit until the wait has ended. Only one wait at a time. Meanwhile the fetch's signal aborts only with the scrape.
   * Rejects as the wait does, or with the signal's reason if the time is over already.
   */
  standStill<T>(wait: () => Promise<T>): Promise<T>;
}

/** A fetch that succeeded. */
export interface FetchedBody {
  readonly ok: true;
  /** The caller releases it. */
  readonly body: Body;
  /** The target's Content-Type header, as it was written. */
  readonly contentType: string | undefined;
  /** Which technique fetched it. */
  readonly via: 'exec' | 'http';
}

/** The result of a fetch. */
export type FetchOutcome = FetchedBody | Failure;

/** Fetches the exposition of one endpoint. */
export interface MetricsFetcher {
  /**
   * Resolves with the whole body or with a failure, never with a part of a body. Never rejects because of a target.
   * Stops when the signal aborts, with reason `timeout` (or `queued` if it never got started).
   */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome>;
}

/**
 * The Accept header of every fetch, in every scrape and mode, so that all scrapers see the same data. client_golang 1.14
 * answers OpenMetrics only if 0.0.1 is asked for too.
 */
export const TARGET_ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,' +
  'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Marks our requests, so that an exporter that is scraped by itself or by another exporter can refuse (508). */
export const LOOP_HEADER = 'X-ECS-Service-Metrics-Exporter';
