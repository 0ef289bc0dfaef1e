import type { BodyStore } from '../domain/body.ts';
import { failure } from '../domain/failure.ts';
import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../domain/metrics-fetcher.ts';
import { withoutWaitingFor } from './deadline.ts';

/**
 * Takes the bodies of a fetcher that keeps them in memory of its own into the store, and so under the limits that count there.
 * One that ignores its signal is left behind.
 */
export class StoringMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #bodies: BodyStore;

  constructor(inner: MetricsFetcher, bodies: BodyStore) {
    this.#inner = inner;
    this.#bodies = bodies;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const fetching = this.#inner.fetch(request, signal);
    let outcome: FetchOutcome;
    try {
      outcome = await withoutWaitingFor(fetching, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      void fetching.then(releaseBody, () => undefined);
      return failure('timeout', 'no complete answer in time');
    }
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

function releaseBody(outcome: FetchOutcome): void {
  if (outcome.ok) outcome.body.release();
}
