import type { Clock } from '../../domain/clock.ts';
import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';
import { PausableLimit } from './time-limit.ts';

/**
 * Gives each fetch the target's own time limit: that of its label, else the exporter's; never more than the scrape has left. A
 * fetcher that waits for other fetches pauses it (see TimeLimit).
 */
export class TimeLimitedMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  constructor(inner: MetricsFetcher, timeoutMs: number, clock: Clock) {
    this.#inner = inner;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const ownMs = request.target.options.timeoutMs ?? this.#timeoutMs;
    using limit = new PausableLimit(ownMs, request.timeoutMs, this.#clock, signal);
    return await this.#inner.fetch(
      { ...request, timeoutMs: Math.min(ownMs, request.timeoutMs), limit },
      limit.signal,
    );
  }
}
