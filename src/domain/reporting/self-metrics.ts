import type { ScrapeReport, ScrapeTotals } from './scrape-report.ts';

/** Keeps count of what the exporter does and writes it down, as text 0.0.4. */
export interface SelfMetrics {
  /** Counts the scrape's failures and returns the families with our own prefix: they go first and keep their type. */
  expose(report: ScrapeReport, signal: AbortSignal): Promise<Uint8Array>;
  /** Returns the metrics of the process and its runtime, under their standard names. */
  exposeProcess(signal: AbortSignal): Promise<Uint8Array>;
  /** Takes in what is known only after the answer has been written; shows in the next one. */
  finished(totals: ScrapeTotals): void;
}
