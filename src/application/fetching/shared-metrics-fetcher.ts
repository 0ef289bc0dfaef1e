import type { Clock } from '../../domain/clock.ts';

import { failure, FAILURE_REASONS } from '../../domain/fetching/failure.ts';
import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';
import { targetEndpointKey } from '../../domain/targets/target.ts';

interface Waiter {
  settle(outcome: FetchOutcome): void;
}

interface SharedFetch {
  readonly waiters: Set<Waiter>;
  readonly controller: AbortController;
  /** When its time limit ends, as `Clock.nowMs` counts. */
  readonly endsMs: number;
}

// How long the last waiter waits for an aborted fetch to report why it ended (queued or timeout).
const ABORT_GRACE_MS = 50;
// A fetch that ends this shortly before its time limit counts as ended by it: clients in a container stop a little earlier.
const CUT_TOLERANCE_MS = 250;
// With less time left, a retry is pointless.
const MIN_RETRY_MS = 100;

/**
 * Lets concurrent requests share one fetch per endpoint and address. Each request keeps its own deadline; the fetch is aborted
 * when the last of them stops waiting. It also protects the scrape from a fetcher that breaks its promise: a rejection becomes
 * the failure `internal`, so does an unknown reason, and nobody waits for a fetch that ignores its signal.
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
      const wasCutByAnotherLimit =
        joined !== undefined && !outcome.ok && (outcome.reason === 'timeout' || outcome.reason === 'queued');
      const canRetry =
        !signal.aborted && deadlineMs - Math.max(this.#clock.nowMs(), shared.endsMs) > MIN_RETRY_MS;
      const endedBeforeItsLimit = this.#clock.nowMs() < shared.endsMs - CUT_TOLERANCE_MS;
      if (!wasCutByAnotherLimit || !canRetry || endedBeforeItsLimit) return outcome;
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
      let graceTimer: ReturnType<typeof setTimeout> | undefined;
      const waiter: Waiter = {
        settle: (outcome) => {
          signal.removeEventListener('abort', leave);
          clearTimeout(graceTimer);
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
        // It is about to be aborted: no other request may join it.
        if (this.#underWay.get(key) === shared) this.#underWay.delete(key);
        graceTimer = setTimeout(() => waiter.settle(timedOut), ABORT_GRACE_MS);
        shared.controller.abort(signal.reason);
      };
      shared.waiters.add(waiter);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  }
}

/** With the address: a restarted container may have a new one, and a fetch that still waits for the old one is not shared. */
function keyOf({ target, endpoint }: FetchRequest): string {
  const host = target.address.kind === 'ip' ? target.address.host : '';
  return `${targetEndpointKey(target, endpoint)} ${host}`;
}
