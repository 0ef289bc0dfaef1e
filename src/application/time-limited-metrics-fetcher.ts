import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../domain/metrics-fetcher.ts';
import { deadlineWithin } from './deadline.ts';

/**
 * Gives an endpoint its own time limit: its label's, else the exporter's; never more than what the scrape has left. The time
 * that a fetch waits for its place is not part of it: this goes inside of what admits.
 */
export class TimeLimitedMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #timeoutMs: number;

  constructor(inner: MetricsFetcher, timeoutMs: number) {
    this.#inner = inner;
    this.#timeoutMs = timeoutMs;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const timeoutMs = timeLimitMs(request, this.#timeoutMs);
    using deadline = deadlineWithin(timeoutMs, signal);
    return await this.#inner.fetch({ ...request, timeoutMs }, deadline.signal);
  }
}

/** The time limit of a request: its target's own, else the given one; never more than what the scrape has left. */
export function timeLimitMs({ target, timeoutMs }: FetchRequest, ownMs: number): number {
  return Math.min(target.options.timeoutMs ?? ownMs, timeoutMs);
}
