import type { Clock } from '../domain/clock.ts';

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
};
