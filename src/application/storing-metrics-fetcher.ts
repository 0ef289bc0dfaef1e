import type { BodyStore } from '../domain/body.ts';
import { failure } from '../domain/failure.ts';
import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../domain/metrics-fetcher.ts';

/** Takes the bodies of a fetcher that keeps them in memory of its own into the store, and so under the limits that count there. */
export class StoringMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #bodies: BodyStore;

  constructor(inner: MetricsFetcher, bodies: BodyStore) {
    this.#inner = inner;
    this.#bodies = bodies;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const outcome = await this.#inner.fetch(request, signal);
    if (!outcome.ok) return outcome;
    const { body } = outcome;
    const sink = this.#bodies.open(request.maxBodyBytes);
    try {
      const refusal = sink.expect(body.byteLength) ?? sink.write(body.bytes());
      if (refusal === undefined) return { ...outcome, body: sink.end() };
      sink.discard();
      return failure(refusal, `its ${body.byteLength} bytes are over a limit`);
    } finally {
      body.release();
    }
  }
}
