/** Settings that shape the budget of a scrape, in milliseconds. */
export interface BudgetSettings {
  /** SCRAPE_TIMEOUT: used if the scraper names no timeout, and an upper limit for the one that it names. */
  readonly scrapeTimeoutMs: number | undefined;
  /** SCRAPE_TIMEOUT_OFFSET: reserved for merging, gzip and sending the answer. */
  readonly offsetMs: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Milliseconds that a scrape may take to gather its bodies: the scraper's X-Prometheus-Scrape-Timeout-Seconds minus the
 * offset, but at least half of it, and never more than SCRAPE_TIMEOUT. A malformed or non-positive header counts as absent.
 */
export function scrapeBudgetMs(header: string | undefined, settings: BudgetSettings): number {
  const headerMs = parseHeader(header);
  if (headerMs === undefined) return settings.scrapeTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  const left = Math.min(headerMs - settings.offsetMs, settings.scrapeTimeoutMs ?? Infinity);
  return Math.max(left, Math.min(headerMs / 2, settings.scrapeTimeoutMs ?? Infinity));
}

// The longest delay of a JavaScript timer.
const MAX_TIMER_MS = 2 ** 31 - 1;

function parseHeader(header: string | undefined): number | undefined {
  if (header === undefined || !/^[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?$/.test(header.trim()))
    return undefined;
  const ms = Number(header) * 1000;
  return ms > 0 ? Math.min(ms, MAX_TIMER_MS) : undefined;
}
