import type { RateLimit } from './config/web-config.ts';

/** A token bucket that starts full. */
export class RateLimiter {
  readonly #nowMs: () => number;
  #limit: RateLimit | undefined;
  #tokens = 0;
  #refilledMs = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Removes a token; false if there is none. A limit that differs from the last call's starts with a full bucket. */
  admits(limit: RateLimit | undefined): boolean {
    if (limit === undefined) return true;
    const nowMs = this.#nowMs();
    if (limit.intervalMs !== this.#limit?.intervalMs || limit.burst !== this.#limit.burst) {
      this.#tokens = limit.burst;
    } else {
      this.#tokens = Math.min(limit.burst, this.#tokens + (nowMs - this.#refilledMs) / limit.intervalMs);
    }
    this.#limit = limit;
    this.#refilledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
