import type { ScrapeReport, ScrapeTotals } from './scrape-report.ts';

/** Counts what the exporter does and writes the counts as metrics, in text 0.0.4. */
export interface SelfMetrics {
  /** Counts the scrape's failures and returns the families with our own prefix: they are written first and keep their type. */
  expose(report: ScrapeReport, signal: AbortSignal): Promise<Uint8Array>;
  /** Returns the metrics of the process and its runtime, under their standard names. */
  exposeProcess(signal: AbortSignal): Promise<Uint8Array>;
  /** Counts what is known only after the answer has been written: it is part of the next answer. */
  finished(totals: ScrapeTotals): void;
}
