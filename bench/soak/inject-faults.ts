import { setTimeout as sleep } from 'node:timers/promises';
import { touch, type SoakTarget } from './soak-targets.ts';

/** How often each fault was injected. */
export type FaultCounts = Record<(typeof FAULTS)[number], number>;

const FAULTS = ['kill', 'pause'] as const;
const ENGINE_TIMEOUT_MS = 10_000;

/** A generator of numbers from 0 to 1, the same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Kills and restarts, pauses and unpauses containers until `untilMs` or an interruption; resolves once all of them serve again. */
export async function injectFaults(
  targets: readonly SoakTarget[],
  random: () => number,
  untilMs: number,
  counts: FaultCounts,
  interruption: AbortSignal,
): Promise<void> {
  const underWay = new Set<SoakTarget>();
  const all: Promise<void>[] = [];
  while (performance.now() < untilMs && !interruption.aborted) {
    const target = targets[Math.floor(random() * targets.length)];
    const fault = FAULTS[Math.floor(random() * FAULTS.length)] ?? 'kill';
    const holdMs = 300 + random() * 1500;
    if (target !== undefined && !underWay.has(target)) {
      underWay.add(target);
      counts[fault]++;
      all.push(inject(target, fault, holdMs).then(() => void underWay.delete(target)));
    }
    await sleep(300 + random() * 700);
  }
  await Promise.all(all);
}

async function inject(target: SoakTarget, fault: keyof FaultCounts, holdMs: number): Promise<void> {
  const { container } = target;
  await touch(target, async () => {
    // If the engine doesn't answer a request for a container, it never will.
    if (!(await attempt(() => (fault === 'kill' ? container.kill() : container.pause())))) return false;
    await sleep(holdMs);
    return attempt(() => (fault === 'kill' ? container.start() : container.unpause()));
  });
}

/**
 * An engine under load sometimes can't pause a container, or can't recover from a pause that failed: then it answers with an
 * error, or never. False if it doesn't answer: the container is lost.
 */
async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>(
    (resolve) => (timer = setTimeout(() => resolve('late'), ENGINE_TIMEOUT_MS)),
  );
  try {
    if ((await Promise.race([work(), late])) !== 'late') return true;
    process.stderr.write('a fault could not be injected: the engine does not answer\n');
    return false;
  } catch (error) {
    process.stderr.write(`a fault could not be injected: ${String(error)}\n`);
    return true;
  } finally {
    clearTimeout(timer);
  }
}
