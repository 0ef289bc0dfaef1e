import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';
import type { FetchMode } from '../../domain/targets/target.ts';

/** Passes each request to the fetcher of the target's mode: that of its own label, else the exporter's setting. */
export class RoutingMetricsFetcher implements MetricsFetcher {
  readonly #byMode: Readonly<Record<FetchMode, MetricsFetcher>>;
  readonly #defaultMode: FetchMode;

  constructor(byMode: Readonly<Record<FetchMode, MetricsFetcher>>, defaultMode: FetchMode) {
    this.#byMode = byMode;
    this.#defaultMode = defaultMode;
  }

  fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    return this.#byMode[request.target.options.fetchMode ?? this.#defaultMode].fetch(request, signal);
  }
}
