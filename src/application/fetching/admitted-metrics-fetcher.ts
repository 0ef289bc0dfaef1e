import type { Admission } from '../../domain/fetching/admission.ts';
import { failure } from '../../domain/fetching/failure.ts';
import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';

/** Lets a fetch wait for its admission, with its time limit paused, and keeps the slot until the fetch has ended. */
export class AdmittedMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #admission: Admission;

  constructor(inner: MetricsFetcher, admission: Admission) {
    this.#inner = inner;
    this.#admission = admission;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    let leave: () => void;
    try {
      const enter = (): Promise<() => void> => this.#admission.enter(signal);
      leave = await (request.limit?.standStill(enter) ?? enter());
    } catch {
      return failure('queued', 'too many fetches were under way: it never got started in this scrape');
    }
    try {
      return await this.#inner.fetch(request, signal);
    } finally {
      leave();
    }
  }
}
