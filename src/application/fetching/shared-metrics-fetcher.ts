import type { Clock } from '../../domain/clock.ts';
import { endpointKey } from '../../domain/targets/endpoint.ts';
import { failure, FAILURE_REASONS } from '../../domain/fetching/failure.ts';
import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';

interface Waiter {
  settle(outcome: FetchOutcome): void;
}

interface SharedFetch {
  readonly waiters: Set<Waiter>;
  readonly controller: AbortController;
  /** When its own time limit ends, on the clock's scale. */
  readonly endsMs: number;
}

// How long the last waiter waits for an aborted fetch to say why it ended (queued or timeout).
const LAST_WORD_MS = 50;
// A fetch that ends this shortly before its time is up ended because of it: clients in a container stop a little earlier.
const CUT_TOLERANCE_MS = 250;
// With less than this left, another try makes no sense.
const MIN_RETRY_MS = 100;

/**
 * Lets concurrent requests share one fetch per endpoint and address. Each keeps its own deadline; the fetch stops when the
 * last of them has left. This is also where a fetcher that breaks its promise is contained: a rejection becomes `internal`, as a reason
 * does that is not on the list, and one that ignores its signal is left behind.
 */
export class SharedMetricsFetcher implements MetricsFetcher {
  readonly #inner: MetricsFetcher;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, SharedFetch>();

  constructor(inner: MetricsFetcher, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const key = keyOf(request);
    const deadlineMs = this.#clock.nowMs() + request.timeoutMs;
    for (;;) {
      const leftMs = deadlineMs - this.#clock.nowMs();
      const joined = this.#underWay.get(key);
      const shared = joined ?? this.#start(key, { ...request, timeoutMs: leftMs });
      const outcome = await this.#wait(key, shared, signal);
      const wasCutByAnother =
        joined !== undefined && !outcome.ok && (outcome.reason === 'timeout' || outcome.reason === 'queued');
      const canRetry =
        !signal.aborted && deadlineMs - Math.max(this.#clock.nowMs(), shared.endsMs) > MIN_RETRY_MS;
      const endedOfItself = this.#clock.nowMs() < shared.endsMs - CUT_TOLERANCE_MS;
      if (!wasCutByAnother || !canRetry || endedOfItself) return outcome;
    }
  }

  #start(key: string, request: FetchRequest): SharedFetch {
    const shared: SharedFetch = {
      waiters: new Set(),
      controller: new AbortController(),
      endsMs: this.#clock.nowMs() + request.timeoutMs,
    };
    this.#underWay.set(key, shared);
    void this.#run(request, shared.controller.signal).then((outcome) => {
      if (this.#underWay.get(key) === shared) this.#underWay.delete(key);
      for (const waiter of shared.waiters) {
        if (outcome.ok) outcome.body.retain();
        waiter.settle(outcome);
      }
      if (outcome.ok) outcome.body.release();
    });
    return shared;
  }

  async #run(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    try {
      const outcome = await this.#inner.fetch(request, signal);
      if (outcome.ok || FAILURE_REASONS.includes(outcome.reason)) return outcome;
      return failure('internal', `${outcome.reason as string}: ${outcome.detail}`);
    } catch (error) {
      return failure(
        'internal',
        error instanceof Error ? error.message : `it rejected with ${typeof error}, which is no Error`,
      );
    }
  }

  #wait(key: string, shared: SharedFetch, signal: AbortSignal): Promise<FetchOutcome> {
    return new Promise((resolve) => {
      let lastWord: ReturnType<typeof setTimeout> | undefined;
      const waiter: Waiter = {
        settle: (outcome) => {
          signal.removeEventListener('abort', leave);
          clearTimeout(lastWord);
          shared.waiters.delete(waiter);
          resolve(outcome);
        },
      };
      const leave = (): void => {
        const timedOut = failure('timeout', 'no complete answer within the time that the scrape had left');
        if (shared.waiters.size > 1) {
          waiter.settle(timedOut);
          return;
        }
        // From here on nobody may join it: it is coming to its end.
        if (this.#underWay.get(key) === shared) this.#underWay.delete(key);
        lastWord = setTimeout(() => waiter.settle(timedOut), LAST_WORD_MS);
        shared.controller.abort(signal.reason);
      };
      shared.waiters.add(waiter);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  }
}

/** A container that was started again may have another address: a fetch that still waits for the old one is not joined. */
function keyOf({ target, endpoint }: FetchRequest): string {
  const host = target.address.kind === 'ip' ? target.address.host : '';
  return `${target.id} ${host} ${endpointKey(endpoint)}`;
}
