import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuWaitMs } from '../cpu-wait.ts';

/** One answer, as received. */
export interface ScrapeRecord {
  readonly startMs: number;
  readonly endMs: number;
  /** How long the exporter was ready to run meanwhile and had no CPU. */
  readonly cpuWaitMs: number;
  readonly wantsOpenMetrics: boolean;
  /** 0: no answer, for the reason that `problem` names; `isLate`: within twice the timeout. */
  readonly status: number;
  readonly encoding: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly problem?: string;
  readonly isLate?: boolean;
}

export interface ScraperOptions {
  readonly url: string;
  /** The exporter's. */
  readonly pid: number;
  readonly everyMs: number;
  readonly timeoutSeconds: number;
  /** Whether a scrape waits for the one before, as in Prometheus. */
  readonly isSequential?: boolean;
  /** The format of the nth scrape. */
  readonly wantsOpenMetrics: (nth: number) => boolean;
}

const TEXT = 'text/plain;version=0.0.4';
const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';

/**
 * Scrapes at a steady pace until the signal aborts, regardless of how long an answer takes (unless it is sequential); then waits
 * for the running scrapes.
 */
export async function scrapeSteadily(options: ScraperOptions, signal: AbortSignal): Promise<ScrapeRecord[]> {
  using agent = disposable(new Agent({ keepAlive: true }));
  const all: Promise<ScrapeRecord>[] = [];
  const beginMs = performance.now();
  while (!signal.aborted) {
    const one = scrapeOnce(options, options.wantsOpenMetrics(all.length), agent.value);
    all.push(one);
    if (options.isSequential === true) await one;
    const nextMs = beginMs + all.length * options.everyMs;
    await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal }).catch(() => undefined);
  }
  return await Promise.all(all);
}

/** One scrape. */
export async function scrapeOnce(
  { url, pid, timeoutSeconds }: Pick<ScraperOptions, 'url' | 'pid' | 'timeoutSeconds'>,
  wantsOpenMetrics = false,
  agent?: Agent,
): Promise<ScrapeRecord> {
  const startMs = performance.now();
  const waitedMs = cpuWaitMs(pid);
  const headers = {
    accept: wantsOpenMetrics ? OPEN_METRICS : TEXT,
    'accept-encoding': 'gzip',
    'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds),
  };
  const signal = AbortSignal.timeout(timeoutSeconds * 2000);
  const times = (): Pick<ScrapeRecord, 'startMs' | 'endMs' | 'cpuWaitMs'> => ({
    startMs,
    endMs: performance.now(),
    cpuWaitMs: cpuWaitMs(pid) - waitedMs,
  });
  try {
    const request = get(url, { ...(agent === undefined ? {} : { agent }), headers, signal });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      ...times(),
      wantsOpenMetrics,
      status: response.statusCode ?? 0,
      encoding: response.headers['content-encoding'] ?? '',
      contentType: response.headers['content-type'] ?? '',
      body: Buffer.concat(chunks),
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const nothing = { status: 0, encoding: '', contentType: '', body: Buffer.alloc(0) };
    return { ...times(), wantsOpenMetrics, ...nothing, problem, isLate: signal.aborted };
  }
}

function disposable(agent: Agent): Disposable & { readonly value: Agent } {
  return { value: agent, [Symbol.dispose]: () => agent.destroy() };
}
