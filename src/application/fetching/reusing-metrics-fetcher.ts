import type { Clock } from '../../domain/clock.ts';
import type {
  FetchedBody,
  FetchOutcome,
  FetchRequest,
  MetricsFetcher,
} from '../../domain/fetching/metrics-fetcher.ts';
import { targetEndpointKey } from '../../domain/targets/target.ts';

interface KeptOutcome {
  readonly outcome: FetchedBody;
  readonly atMs: number;
}

/** Returns a successful fetch again while it is younger than `withinMs`: for several Prometheus servers on one exporter. */
export class ReusingMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #withinMs: number;
  readonly #clock: Clock;
  readonly #kept = new Map<string, KeptOutcome>();

  constructor(inner: MetricsFetcher, withinMs: number, clock: Clock) {
    this.#inner = inner;
    this.#withinMs = withinMs;
    this.#clock = clock;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    this.#dropOld();
    const key = targetEndpointKey(request.target, request.endpoint);
    const known = this.#kept.get(key);
    if (known !== undefined) {
      known.outcome.body.retain();
      return known.outcome;
    }
    const outcome = await this.#inner.fetch(request, signal);
    if (outcome.ok) {
      outcome.body.retain();
      this.#kept.get(key)?.outcome.body.release();
      this.#kept.set(key, { outcome, atMs: this.#clock.nowMs() });
    }
    return outcome;
  }

  #dropOld(): void {
    for (const [key, { outcome, atMs }] of this.#kept) {
      if (this.#clock.nowMs() - atMs < this.#withinMs) continue;
      this.#kept.delete(key);
      outcome.body.release();
    }
  }
}
