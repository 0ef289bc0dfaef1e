import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ScrapeReport, ScrapeTotals } from '../../domain/reporting/scrape-report.ts';
import type { SelfMetrics } from '../../domain/reporting/self-metrics.ts';
import type { DockerObserver, ExecKind } from '../../domain/reporting/docker-observer.ts';
import { FailureCounts } from './failure-counts.ts';
import { PREFIX } from './family-text.ts';
import { processRegistry } from './process-registry.ts';
import { targetFamilies } from './target-families.ts';

const EXEC_KINDS: readonly ExecKind[] = ['fetch', 'session', 'metadata'];
const DOCKER_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

/** Our own metrics: totals and gauges live in a prom-client registry, the families about targets are written for each scrape. */
export class PromClientSelfMetrics implements SelfMetrics, DockerObserver {
  readonly #registry = new Registry();
  readonly #failures = new FailureCounts();
  readonly #dockerUp = this.#gauge(
    'docker_up',
    '1 if the Docker daemon (or another source of targets) answered, 0 if not.',
  );
  readonly #scrapeDuration = this.#gauge(
    'scrape_duration_seconds',
    'How long the last finished scrape took until its answer was ready; 0 before the first.',
  );
  readonly #duplicates = this.#counter(
    'duplicate_samples_total',
    'Samples left out of answers because an equal series stood there before.',
  );
  readonly #unrepresentable = this.#counter(
    'unrepresentable_total',
    'Samples and exemplars left out of answers because the format of the answer has no place for them.',
  );
  readonly #dockerRequests = new Histogram({
    name: `${PREFIX}docker_request_duration_seconds`,
    help: 'How long requests to the Docker daemon took, by operation.',
    labelNames: ['operation'],
    buckets: DOCKER_BUCKETS_SECONDS,
    registers: [this.#registry],
  });
  readonly #execs = new Counter({
    name: `${PREFIX}execs_total`,
    help: 'Execs started in containers, by kind: one fetch, a session that lasts, a question about the task.',
    labelNames: ['kind'],
    registers: [this.#registry],
  });
  readonly #openSessions = this.#gauge(
    'exec_sessions',
    'Exec sessions that are open now, one per container.',
  );

  /** @param version of the exporter, for `build_info`. */
  constructor(version: string) {
    new Gauge({
      name: `${PREFIX}build_info`,
      help: 'The version of the exporter and of its runtime; always 1.',
      labelNames: ['version', 'node_version'],
      registers: [this.#registry],
    }).set({ version, node_version: process.version }, 1);
    for (const kind of EXEC_KINDS) this.#execs.inc({ kind }, 0);
  }

  async expose(report: ScrapeReport): Promise<Uint8Array> {
    this.#failures.keepOnly(report.listed);
    this.#failures.count(report.endpoints);
    this.#dockerUp.set(report.isDaemonReachable ? 1 : 0);
    const targets = targetFamilies(report, this.#failures);
    return Buffer.from(targets + (await this.#registry.metrics()));
  }

  async exposeProcess(): Promise<Uint8Array> {
    return Buffer.from(await processRegistry().metrics());
  }

  finished(totals: ScrapeTotals): void {
    this.#scrapeDuration.set(totals.durationSeconds);
    this.#duplicates.inc(totals.duplicateSamples);
    this.#unrepresentable.inc(totals.unrepresentable);
  }

  observeDockerRequest(operation: string, seconds: number): void {
    this.#dockerRequests.observe({ operation }, seconds);
  }

  observeExec(kind: ExecKind): void {
    this.#execs.inc({ kind });
  }

  observeOpenSessions(count: number): void {
    this.#openSessions.set(count);
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name: PREFIX + name, help, registers: [this.#registry] });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: PREFIX + name, help, registers: [this.#registry] });
  }
}
