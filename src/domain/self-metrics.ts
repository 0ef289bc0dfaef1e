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

/** What an exec was started for: one fetch, a session that lasts, or a question about the task. */
export type ExecKind = 'fetch' | 'session' | 'metadata';

/** Sees what the work costs the Docker daemon. */
export interface DockerObserver {
  /** One request to the daemon's API. `operation` comes from a short closed list (`list`, `inspect`, `exec_create`, …). */
  observeDockerRequest(operation: string, seconds: number): void;
  /** An exec was started in a container. */
  observeExec(kind: ExecKind): void;
  /** Exec sessions that are open now. */
  observeOpenSessions(count: number): void;
}
