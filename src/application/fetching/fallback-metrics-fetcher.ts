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
 * Fetches by plain HTTP where that connects and through docker exec where it doesn't, and remembers for each target what
 * worked; the other one is tried again when that stops working.
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
    // Both techniques have it together.
    const limit = limitOf(request, this.#clock);
    const first = this.#worked.get(request.target.id) ?? 'http';
    // Half of the time to connect: a dropped SYN must leave time for the exec.
    const connectTimeoutMs = request.timeoutMs / 2;
    const firstRequest = first === 'http' ? { ...request, connectTimeoutMs } : request;
    const outcome = await this.#fetchers[first].fetch(firstRequest, signal);
    if (outcome.ok) {
      this.#remember(request, first);
      return outcome;
    }
    // It would hang next time, too, where http may be there again by then.
    if (first === 'exec' && outcome.reason === 'timeout') this.#worked.delete(request.target.id);
    const leftMs = limit.leftMs();
    if (!isWorthAnother(first, outcome) || leftMs <= 0 || signal.aborted) return outcome;
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

function isWorthAnother(first: Technique, { reason }: Failure): boolean {
  if (first === 'exec') return CANNOT_EXEC.has(reason) || CANNOT_CONNECT.has(reason);
  return CANNOT_CONNECT.has(reason) || reason === 'queued';
}

/** The reason is the exec's, unless no request could be made through it for a cause within the container. */
function bothFailed(http: Failure, exec: Failure): Failure {
  const isOfHttp = CANNOT_EXEC.has(exec.reason) && exec.reason !== 'docker_unavailable';
  const reason = isOfHttp ? http.reason : exec.reason;
  return failure(reason, `http: ${http.detail}; exec: ${exec.detail}`);
}
