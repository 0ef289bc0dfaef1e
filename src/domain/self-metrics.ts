import type { ScrapeReport, ScrapeTotals } from './scrape-report.ts';

/** Our own metrics, as text 0.0.4. */
export interface OwnExposition {
  /** Families with our own prefix: they go first and keep their type. */
  readonly families: Uint8Array;
  /** Process and runtime metrics under their standard names. */
  readonly process: Uint8Array;
}

/** Keeps count of what the exporter does and writes it down. */
export interface SelfMetrics {
  /** Counts the scrape's failures and returns what goes into its answer. */
  expose(report: ScrapeReport): Promise<OwnExposition>;
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
