import type { Body, BodyRefusal, BodySink, BodyStore } from '../../domain/fetching/body.ts';
import { failure } from '../../domain/fetching/failure.ts';
import type {
  FetchedBody,
  FetchOutcome,
  FetchRequest,
  MetricsFetcher,
} from '../../domain/fetching/metrics-fetcher.ts';
import { withoutWaitingFor } from './deadline.ts';

/**
 * Copies the bodies of a fetcher that has its own memory into the store, so that the store's limits apply. Doesn't wait for a
 * fetch that ignores its signal.
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
      // Its result comes too late: nobody uses it.
      void fetching.then(releaseBody).catch(() => undefined);
      return failure('timeout', 'no complete answer in time');
    }
    return outcome.ok ? this.#stored(outcome, request.maxBodyBytes) : outcome;
  }

  #stored(fetched: FetchedBody, maxBodyBytes: number): FetchOutcome {
    const { body } = fetched;
    const sink = this.#bodies.open(maxBodyBytes);
    try {
      const refusal = copyInto(sink, body);
      if (refusal === undefined) return { ...fetched, body: sink.end() };
      sink.discard();
      return failure(refusal, `its ${body.byteLength} bytes are over a limit`);
    } catch (error) {
      sink.discard();
      throw error;
    }
  }
}

function copyInto(sink: BodySink, body: Body): BodyRefusal | undefined {
  try {
    return sink.expect(body.byteLength) ?? sink.write(body.bytes());
  } finally {
    body.release();
  }
}

function releaseBody(outcome: FetchOutcome): void {
  if (outcome.ok) outcome.body.release();
}
