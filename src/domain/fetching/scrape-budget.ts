/** Settings that shape the budget of a scrape, in milliseconds. */
export interface BudgetSettings {
  /** SCRAPE_TIMEOUT: used where the scraper names no timeout, and the most that its own may be. */
  readonly scrapeTimeoutMs: number | undefined;
  /** SCRAPE_TIMEOUT_OFFSET: left for merging, gzip and the way back. */
  readonly offsetMs: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Milliseconds that a scrape may take to gather its bodies: what the scraper's X-Prometheus-Scrape-Timeout-Seconds leaves
 * after the offset, at least half of it, and never more than SCRAPE_TIMEOUT. A malformed or non-positive header counts as
 * absent.
 */
export function scrapeBudgetMs(header: string | undefined, settings: BudgetSettings): number {
  const headerMs = parseHeader(header);
  if (headerMs === undefined) return settings.scrapeTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  const left = Math.min(headerMs - settings.offsetMs, settings.scrapeTimeoutMs ?? Infinity);
  return Math.max(left, Math.min(headerMs / 2, settings.scrapeTimeoutMs ?? Infinity));
}

// The longest delay that a JavaScript timer takes.
const MAX_TIMER_MS = 2 ** 31 - 1;

function parseHeader(header: string | undefined): number | undefined {
  if (header === undefined || !/^[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?$/.test(header.trim()))
    return undefined;
  const ms = Number(header) * 1000;
  return ms > 0 ? Math.min(ms, MAX_TIMER_MS) : undefined;
}
