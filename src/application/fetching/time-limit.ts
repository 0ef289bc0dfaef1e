import type { Clock } from '../../domain/clock.ts';
import type { FetchRequest, TimeLimit } from '../../domain/fetching/metrics-fetcher.ts';

/** A time limit that can be paused. Dispose it when the work is done. */
export class PausableLimit implements TimeLimit, Disposable {
  readonly #clock: Clock;
  readonly #parent: AbortSignal;
  readonly #parentEndsMs: number;
  readonly #controller = new AbortController();
  #ownLeftMs: number;
  /** Undefined while paused. */
  #runningSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param parentMs time left until the parent ends; `leftMs` never promises more, even before the parent's signal aborts. */
  constructor(ownMs: number, parentMs: number, clock: Clock, parent: AbortSignal) {
    this.#clock = clock;
    this.#parent = parent;
    this.#parentEndsMs = clock.nowMs() + parentMs;
    this.#ownLeftMs = ownMs;
    if (parent.aborted) this.#follow();
    else parent.addEventListener('abort', this.#follow, { once: true });
    this.#run();
  }

  /** Aborts when the time is over, or with the parent. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  leftMs(): number {
    const nowMs = this.#clock.nowMs();
    const ranMs = this.#runningSinceMs === undefined ? 0 : nowMs - this.#runningSinceMs;
    return Math.min(this.#ownLeftMs - ranMs, this.#parentEndsMs - nowMs);
  }

  async standStill<T>(wait: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    this.#pause();
    try {
      return await wait();
    } finally {
      this.#run();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#parent.removeEventListener('abort', this.#follow);
  }

  readonly #follow = (): void => this.#controller.abort(this.#parent.reason);

  #pause(): void {
    clearTimeout(this.#timer);
    if (this.#runningSinceMs !== undefined) this.#ownLeftMs -= this.#clock.nowMs() - this.#runningSinceMs;
    this.#runningSinceMs = undefined;
  }

  #run(): void {
    this.#runningSinceMs = this.#clock.nowMs();
    const leftMs = this.leftMs();
    const expire = (): void =>
      this.#controller.abort(new DOMException('no answer within its time', 'TimeoutError'));
    if (leftMs > 0) this.#timer = setTimeout(expire, leftMs);
    else expire();
  }
}

/** The request's time limit, or one that ends `timeoutMs` from now and can't be paused. */
export function limitOf(request: FetchRequest, clock: Clock): TimeLimit {
  const endsMs = clock.nowMs() + request.timeoutMs;
  return request.limit ?? { leftMs: () => endsMs - clock.nowMs(), standStill: (wait) => wait() };
}
