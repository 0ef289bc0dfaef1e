import type { Clock } from '../../domain/clock.ts';
import { failure, type Failure, type FailureReason } from '../../domain/fetching/failure.ts';
import type { FetchOutcome, FetchRequest, MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';
import { limitOf } from './time-limit.ts';

type Technique = 'http' | 'exec';

const CANNOT_CONNECT: ReadonlySet<FailureReason> = new Set(['connection_failed', 'no_address']);
const CANNOT_EXEC: ReadonlySet<FailureReason> = new Set([
  'no_client',
  'exec_failed',
  'docker_unavailable',
  'queued',
]);
const MAX_REMEMBERED = 1000;

/**
 * Fetches by plain HTTP if that connects, and through docker exec if it doesn't. Remembers for each target which one worked;
 * the other one is tried again when that stops working.
 */
export class FallbackMetricsFetcher implements MetricsFetcher {
  readonly #fetchers: Readonly<Record<Technique, MetricsFetcher>>;
  readonly #clock: Clock;
  readonly #worked = new Map<string, Technique>();

  constructor(fetchers: Readonly<Record<Technique, MetricsFetcher>>, clock: Clock) {
    this.#fetchers = fetchers;
    this.#clock = clock;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    // One limit for both techniques together.
    const limit = limitOf(request, this.#clock);
    const first = this.#worked.get(request.target.id) ?? 'http';
    // Half of the time: when packets to the address are dropped, connecting must leave time for the exec.
    const connectTimeoutMs = request.timeoutMs / 2;
    const firstRequest = first === 'http' ? { ...request, connectTimeoutMs } : request;
    const outcome = await this.#fetchers[first].fetch(firstRequest, signal);
    if (outcome.ok) {
      this.#remember(request, first);
      return outcome;
    }
    // The exec may hang next time, too, when http may work again.
    if (first === 'exec' && outcome.reason === 'timeout') this.#worked.delete(request.target.id);
    const leftMs = limit.leftMs();
    if (!mayOtherSucceed(first, outcome) || leftMs <= 0 || signal.aborted) return outcome;
    const second = first === 'http' ? 'exec' : 'http';
    const other = await this.#fetchers[second].fetch({ ...request, timeoutMs: leftMs }, signal);
    if (other.ok) {
      this.#remember(request, second);
      return other;
    }
    if (other.reason !== 'docker_unavailable' && outcome.reason !== 'docker_unavailable')
      this.#worked.delete(request.target.id);
    return first === 'http' ? bothFailed(outcome, other) : bothFailed(other, outcome);
  }

  #remember(request: FetchRequest, technique: Technique): void {
    this.#worked.delete(request.target.id);
    this.#worked.set(request.target.id, technique);
    const [oldest] = this.#worked.keys();
    if (this.#worked.size > MAX_REMEMBERED && oldest !== undefined) this.#worked.delete(oldest);
  }
}

/** Whether the other technique may succeed after such a failure of the first. */
function mayOtherSucceed(first: Technique, { reason }: Failure): boolean {
  if (first === 'exec') return CANNOT_EXEC.has(reason) || CANNOT_CONNECT.has(reason);
  return CANNOT_CONNECT.has(reason) || reason === 'queued';
}

/** Reports the exec's reason, unless the exec made no request because of the container itself: then that of http. */
function bothFailed(http: Failure, exec: Failure): Failure {
  const isExecImpossible = CANNOT_EXEC.has(exec.reason) && exec.reason !== 'docker_unavailable';
  const reason = isExecImpossible ? http.reason : exec.reason;
  return failure(reason, `http: ${http.detail}; exec: ${exec.detail}`);
}
