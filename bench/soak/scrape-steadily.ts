import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** One answer, as received. */
export interface ScrapeRecord {
  readonly startMs: number;
  readonly endMs: number;
  readonly wantsOpenMetrics: boolean;
  /** 0: no answer; `problem` has the reason. */
  readonly status: number;
  readonly encoding: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly problem?: string;
}

export interface ScraperOptions {
  readonly url: string;
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

async function scrapeOnce(
  { url, timeoutSeconds }: ScraperOptions,
  wantsOpenMetrics: boolean,
  agent: Agent,
): Promise<ScrapeRecord> {
  const startMs = performance.now();
  const headers = {
    accept: wantsOpenMetrics ? OPEN_METRICS : TEXT,
    'accept-encoding': 'gzip',
    'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds),
  };
  try {
    const signal = AbortSignal.timeout(timeoutSeconds * 2000);
    const [response] = (await once(get(url, { agent, headers, signal }), 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      startMs,
      endMs: performance.now(),
      wantsOpenMetrics,
      status: response.statusCode ?? 0,
      encoding: response.headers['content-encoding'] ?? '',
      contentType: response.headers['content-type'] ?? '',
      body: Buffer.concat(chunks),
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const nothing = { status: 0, encoding: '', contentType: '', body: Buffer.alloc(0) };
    return { startMs, endMs: performance.now(), wantsOpenMetrics, ...nothing, problem };
  }
}

function disposable(agent: Agent): Disposable & { readonly value: Agent } {
  return { value: agent, [Symbol.dispose]: () => agent.destroy() };
}
