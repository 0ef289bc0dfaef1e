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
      // Nobody waits for it any more, whatever it brings.
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
