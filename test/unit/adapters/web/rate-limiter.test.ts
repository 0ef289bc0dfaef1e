import { RateLimiter } from '../../../../src/adapters/web/rate-limiter.ts';

const LIMIT = { intervalMs: 100, burst: 2 };

describe('RateLimiter', () => {
  let nowMs: number;
  let limiter: RateLimiter;
  const admitted = (count: number, limit: typeof LIMIT | undefined = LIMIT): number =>
    Array.from({ length: count }, () => limiter.admits(limit)).filter(Boolean).length;

  beforeEach(() => {
    nowMs = 0;
    limiter = new RateLimiter(() => nowMs);
  });

  it('admits a burst, then one per interval', () => {
    expect(admitted(5)).toBe(2);
    nowMs = 99;
    expect(admitted(5)).toBe(0);
    nowMs = 100;
    expect(admitted(5)).toBe(1);
  });

  it('saves up no more than the burst', () => {
    expect(admitted(2)).toBe(2);
    nowMs = 1_000_000;
    expect(admitted(5)).toBe(2);
  });

  it('admits everything without a limit', () => {
    expect(Array.from({ length: 5 }, () => limiter.admits(undefined))).not.toContain(false);
  });

  it('starts anew with another limit', () => {
    expect(admitted(5)).toBe(2);
    expect(admitted(5, { intervalMs: 100, burst: 3 })).toBe(3);
  });
});
