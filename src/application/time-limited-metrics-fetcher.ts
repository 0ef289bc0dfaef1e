import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../domain/metrics-fetcher.ts';
import { deadlineWithin } from './deadline.ts';

/** Gives an endpoint its own time limit: its label's, else the exporter's; never more than what the scrape has left. */
export class TimeLimitedMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #timeoutMs: number;

  constructor(inner: MetricsFetcher, timeoutMs: number) {
    this.#inner = inner;
    this.#timeoutMs = timeoutMs;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const timeoutMs = Math.min(request.target.options.timeoutMs ?? this.#timeoutMs, request.timeoutMs);
    using deadline = deadlineWithin(timeoutMs, signal);
    return await this.#inner.fetch({ ...request, timeoutMs }, deadline.signal);
  }
}
