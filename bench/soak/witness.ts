import { setTimeout as sleep } from 'node:timers/promises';
import type { ScrapeRecord } from './scrape-steadily.ts';

/** The exporter gives the engine no more than this for a list: what takes longer stands still. */
const STALLED_MS = 2000;
const GIVEN_UP_AFTER_MS = 20_000;

interface Probe {
  readonly fromMs: number;
  untilMs: number;
  hasFailed: boolean;
}

/**
 * Does again and again for a container of its own what the exporter does for each target: what comes late or not at all while
 * that takes long is not the exporter's fault.
 */
export class Witness implements AsyncDisposable {
  readonly #probes: Probe[] = [];
  readonly #end = new AbortController();
  readonly #running: Promise<void>;

  constructor(probe: (signal: AbortSignal) => Promise<unknown>, everyMs = 500) {
    this.#running = this.#run(probe, everyMs);
  }

  /** How much longer than the fastest probe the slowest one took that was under way in this time. */
  delayMs(fromMs: number, untilMs: number): number {
    const took = (probe: Probe): number =>
      probe.hasFailed ? Infinity : Math.min(probe.untilMs, performance.now()) - probe.fromMs;
    const slowestMs = this.#probes
      .filter((probe) => probe.fromMs <= untilMs && probe.untilMs >= fromMs)
      .reduce((longestMs, probe) => Math.max(longestMs, took(probe)), 0);
    return Math.max(0, slowestMs - this.#fastestMs);
  }

  /** Did the machine or its engine stand still for a moment of this scrape, or give the exporter no CPU? */
  sawStall({ startMs, endMs, cpuWaitMs }: Pick<ScrapeRecord, 'startMs' | 'endMs' | 'cpuWaitMs'>): boolean {
    return Math.max(cpuWaitMs, this.delayMs(startMs, endMs)) >= STALLED_MS;
  }

  get #fastestMs(): number {
    const took = this.#probes
      .filter(({ hasFailed }) => !hasFailed)
      .map((probe) => probe.untilMs - probe.fromMs);
    return Math.min(...took, GIVEN_UP_AFTER_MS);
  }

  async #run(probe: (signal: AbortSignal) => Promise<unknown>, everyMs: number): Promise<void> {
    while (!this.#end.signal.aborted) {
      const one = { fromMs: performance.now(), untilMs: Infinity, hasFailed: false };
      this.#probes.push(one);
      const limit = AbortSignal.timeout(GIVEN_UP_AFTER_MS);
      const givenUp = new Promise<never>((_, reject) => {
        limit.addEventListener('abort', () => reject(new Error('no answer')), { once: true });
      });
      try {
        await Promise.race([probe(limit), givenUp]);
      } catch {
        one.hasFailed = true;
      }
      one.untilMs = performance.now();
      await sleep(everyMs, undefined, { signal: this.#end.signal }).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
  }
}
