import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;
/** What an answer takes of a machine that has time: `docker top` is the slowest question. */
const ANSWER_MS = 50;

/**
 * Asks until the answer is yes; rejects with `complaint` after `withinMs` of a machine that has time: longer where the answers
 * take longer than they do there, as what is waited for does, too.
 */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  complaint: string | (() => string) = 'waited for too long',
  withinMs = 10_000,
): Promise<void> {
  for (let waitedMs = 0; ;) {
    const askedMs = performance.now();
    if (await isSo()) return;
    waitedMs += Math.min(performance.now() - askedMs, ANSWER_MS) + PAUSE_MS;
    if (waitedMs > withinMs) throw new Error(typeof complaint === 'string' ? complaint : complaint());
    await sleep(PAUSE_MS);
  }
}

/**
 * How many milliseconds the work was later than a timer that was started with it; negative where it was earlier. What holds up
 * this process holds up both.
 */
export async function latenessAfter(ms: number, work: Promise<unknown>): Promise<number> {
  const timerEndMs = sleep(ms).then(() => performance.now());
  await work;
  const endMs = performance.now();
  return endMs - (await timerEndMs);
}
