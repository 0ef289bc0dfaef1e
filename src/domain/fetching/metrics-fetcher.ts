import type { Body } from './body.ts';
import type { Endpoint } from '../targets/endpoint.ts';
import type { Failure } from './failure.ts';
import type { Target } from '../targets/target.ts';

/** One fetch, as it is asked for. */
export interface FetchRequest {
  readonly target: Target;
  readonly endpoint: Endpoint;
  /** Milliseconds from now, for a technique that can't be stopped from outside (docker exec); the signal is the deadline. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /**
   * Milliseconds that connecting may take where another technique waits for its turn; after that it is `connection_failed`. Default:
   * as long as the signal allows.
   */
  readonly connectTimeoutMs?: number;
  /**
   * The time limit of this target alone, for what waits for a place among other fetches before it asks the target. Absent:
   * `timeoutMs` from now.
   */
  readonly limit?: TimeLimit;
  /** False while the source of targets (the Docker daemon) doesn't answer. */
  readonly isDaemonReachable: boolean;
}

/** How long a target may take, without the time that it is kept waiting for others. */
export interface TimeLimit {
  /** Milliseconds, as of now; 0 and less: it is over. */
  leftMs(): number;
  /**
   * Stands still until the wait has ended, one at a time: meanwhile the fetch's signal ends with the scrape alone. Rejects as
   * the wait does, or with the signal's reason where it is over.
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

/** What became of a fetch. */
export type FetchOutcome = FetchedBody | Failure;

/** Fetches the exposition of one endpoint. */
export interface MetricsFetcher {
  /**
   * Resolves with the whole body or with a failure; never with a part of a body, never rejects for what a target does.
   * Stops when the signal aborts, with reason `timeout` (or `queued` where it never got started).
   */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome>;
}

/**
 * What every target is asked for, in every scrape and mode, so that all scrapers see the same data. client_golang 1.14
 * answers OpenMetrics only if 0.0.1 is asked for too.
 */
export const TARGET_ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,' +
  'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Marks our requests, so that an exporter that is scraped by itself or by another one can refuse (508). */
export const LOOP_HEADER = 'X-ECS-Service-Metrics-Exporter';
