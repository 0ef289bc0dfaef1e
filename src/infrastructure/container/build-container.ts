import 'reflect-metadata';

import { Container } from 'inversify';

import { DockerEngine } from '../../adapters/docker/connection/docker-engine.ts';
import { DockerExecMetricsFetcher } from '../../adapters/docker/exec/docker-exec-metrics-fetcher.ts';
import { DockerExecSessionMetricsFetcher } from '../../adapters/docker/exec/docker-exec-session-metrics-fetcher.ts';
import { DockerTargetDiscovery } from '../../adapters/docker/discovery/docker-target-discovery.ts';
import { ExecStarter } from '../../adapters/docker/exec/run/exec-starter.ts';
import { TaskMetadataTargetDiscovery } from '../../adapters/docker/task-metadata/task-metadata-target-discovery.ts';
import { FileTargetDiscovery } from '../../adapters/file/file-target-discovery.ts';
import { findOwnContainer, readContainerTraces } from '../../adapters/docker/discovery/own-container.ts';
import { WasmMetricsRelabeler } from '../../adapters/exposition/wasm-metrics-relabeler.ts';
import { HeapBodyStore } from '../../adapters/exposition/bodies/heap-body-store.ts';
import { HttpMetricsFetcher } from '../../adapters/http/http-metrics-fetcher.ts';
import { createApp } from '../../adapters/koa/create-app.ts';
import { createRouter } from '../../adapters/koa/create-router.ts';
import { PromClientSelfMetrics } from '../../adapters/prom-client/prom-client-self-metrics.ts';
import { WebServer } from '../../adapters/web/web-server.ts';
import { AddSources, sourceLabels } from '../../application/add-sources.ts';
import { AdmittedMetricsFetcher } from '../../application/fetching/admitted-metrics-fetcher.ts';
import { BudgetedBodyStore } from '../../application/fetching/budgeted-body-store.ts';
import { CollectMetrics } from '../../application/collect-metrics.ts';
import { ConcurrencyLimit } from '../../application/fetching/concurrency-limit.ts';
import { deadlineWithin } from '../../application/fetching/deadline.ts';
import { FallbackMetricsFetcher } from '../../application/fetching/fallback-metrics-fetcher.ts';
import { KnownTargets } from '../../application/known-targets.ts';
import { ListTargets } from '../../application/list-targets.ts';
import { ReusingMetricsFetcher } from '../../application/fetching/reusing-metrics-fetcher.ts';
import { RoutingMetricsFetcher } from '../../application/fetching/routing-metrics-fetcher.ts';
import { ScrapeAdmission } from '../../application/scrape-admission.ts';
import { SharedMetricsFetcher } from '../../application/fetching/shared-metrics-fetcher.ts';
import { StoringMetricsFetcher } from '../../application/fetching/storing-metrics-fetcher.ts';
import { TargetBoard } from '../../application/target-board.ts';
import { TimeLimitedMetricsFetcher } from '../../application/fetching/time-limited-metrics-fetcher.ts';
import { IdentityRegistry } from '../../domain/targets/identity.ts';
import { defaultFetchMode, type Settings } from '../config/settings.ts';
import { WinstonLogger } from '../logging/winston-logger.ts';
import { systemClock } from '../system-clock.ts';
import { VERSION } from '../version.ts';
import { SERVICES as $ } from './services.ts';

// A frozen daemon must not freeze the readiness probe.
const READY_TIMEOUT_MS = 2000;
// KnownTargets gives the discovery a quarter of this.
const READY_BUDGET_MS = 4 * READY_TIMEOUT_MS;
// Scrapes that wait for hung targets overlap where somebody asks several times a second; a crowd must not take the memory.
const MAX_SCRAPES = 64;

/** Puts the exporter together: the one place that knows all parts. Nothing is opened or started yet. */
export function buildContainer(settings: Settings): Container {
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind($.settings).toConstantValue(settings);
  container.bind($.clock).toConstantValue(systemClock);
  container
    .bind($.logger)
    .toResolvedValue(
      (s: Settings) => new WinstonLogger({ level: s.logLevel, format: s.logFormat }),
      [$.settings],
    );
  container.bind($.closing).toResolvedValue(() => new AsyncDisposableStack());
  container.bind($.selfMetrics).toResolvedValue(() => new PromClientSelfMetrics(VERSION));

  bindDiscovery(container);
  bindFetching(container);

  container.bind($.relabeler).toResolvedValue(() => new WasmMetricsRelabeler());
  container.bind($.targetBoard).toResolvedValue((logger) => new TargetBoard(logger), [$.logger]);
  container
    .bind($.listTargets)
    .toResolvedValue(
      (targets, board, s) => new ListTargets(targets, board, defaultFetchMode(s)),
      [$.knownTargets, $.targetBoard, $.settings],
    );
  container.bind($.collectMetrics).toResolvedValue(
    (targets, fetcher, relabeler, selfMetrics, sources, board, clock, logger, s) =>
      new CollectMetrics(
        {
          targets,
          fetcher,
          relabeler,
          selfMetrics,
          sources,
          board,
          clock,
          logger,
          admission: new ScrapeAdmission(MAX_SCRAPES, s.scrapeBodySizeLimit),
        },
        {
          scrapeTimeoutMs: s.scrapeTimeout,
          offsetMs: s.scrapeTimeoutOffset,
          format: s.expositionFormat,
          honorsLabels: s.honorLabels,
          maxBodyBytes: s.targetBodySizeLimit,
          maxScrapeBytes: s.scrapeBodySizeLimit,
          sampleLimit: s.targetSampleLimit,
        },
      ),
    [
      $.knownTargets,
      $.scrapeFetcher,
      $.relabeler,
      $.selfMetrics,
      $.addSources,
      $.targetBoard,
      $.clock,
      $.logger,
      $.settings,
    ],
  );
  bindServing(container);
  return container;
}

function bindServing(container: Container): void {
  container
    .bind($.readiness)
    .toResolvedValue(
      (discovery, docker, engine, targets) => (signal) =>
        discovery === docker ? readinessOf(engine, signal) : problemOf(targets, signal),
      [$.discovery, $.dockerDiscovery, $.dockerEngine, $.knownTargets],
    );
  container.bind($.routerParts).toResolvedValue(
    (collectMetrics, listTargets, readiness, logger, clock, discovery, docker, s) => ({
      collectMetrics,
      listTargets,
      readiness,
      logger,
      clock,
      version: VERSION,
      markerLabel: discovery === docker ? s.dockerLabelHasMetrics : undefined,
    }),
    [
      $.collectMetrics,
      $.listTargets,
      $.readiness,
      $.logger,
      $.clock,
      $.discovery,
      $.dockerDiscovery,
      $.settings,
    ],
  );
  container.bind($.router).toResolvedValue((parts) => createRouter(parts), [$.routerParts]);
  container.bind($.app).toResolvedValue((parts) => createApp(parts), [$.routerParts]);
  container.bind($.webServer).toResolvedValue(
    (app, logger, s) => {
      const answer = app.callback();
      return new WebServer({
        configFile: s.webConfigFile,
        allowCidrs: s.httpAllowCidrs,
        logger,
        handler: (request, response) => void answer(request, response),
      });
    },
    [$.app, $.logger, $.settings],
  );
}

function bindDiscovery(container: Container): void {
  container
    .bind($.dockerEngine)
    .toResolvedValue(
      (s, selfMetrics) =>
        new DockerEngine(
          { host: s.dockerHost, verifiesTls: s.dockerTlsVerify, certPath: s.dockerCertPath },
          { observe: (operation, seconds) => selfMetrics.observeDockerRequest(operation, seconds) },
        ),
      [$.settings, $.selfMetrics],
    );
  container
    .bind($.execStarter)
    .toResolvedValue(
      (engine, s, selfMetrics) =>
        new ExecStarter(engine, new ConcurrencyLimit(s.execConcurrency), selfMetrics),
      [$.dockerEngine, $.settings, $.selfMetrics],
    );
  container.bind($.dockerDiscovery).toResolvedValue(
    (engine, starter, clock, closing, s) => {
      const docker = new DockerTargetDiscovery(engine, {
        metricsLabel: s.dockerLabelHasMetrics,
        containerNameLabel: s.containerNameLabel,
        hostNetworkAddress: s.hostNetworkAddress,
        ownContainer: findOwnContainer(readContainerTraces()),
      });
      if (!s.taskMetadata) return docker;
      const isIdentity = s.identityLabels.includes('service');
      return closing.use(new TaskMetadataTargetDiscovery(docker, starter, clock, isIdentity));
    },
    [$.dockerEngine, $.execStarter, $.clock, $.closing, $.settings],
  );
  container
    .bind($.fileDiscovery)
    .toResolvedValue(
      (s, logger) => new FileTargetDiscovery(s.discoveryFiles, logger),
      [$.settings, $.logger],
    );
  container
    .bind($.discovery)
    .toResolvedValue(
      (docker, file, s) => ({ docker, file })[s.discovery],
      [$.dockerDiscovery, $.fileDiscovery, $.settings],
    );
  container.bind($.sources).toConstantValue([]);
  container
    .bind($.addSources)
    .toResolvedValue((sources, logger) => new AddSources(sources, logger), [$.sources, $.logger]);
  container.bind($.knownTargets).toResolvedValue(
    (discovery, clock, logger, sources, s) => {
      const reserved = sources.map(({ containerName }) => sourceLabels(containerName));
      return new KnownTargets(discovery, new IdentityRegistry(s.identityLabels, reserved), clock, logger);
    },
    [$.discovery, $.clock, $.logger, $.sources, $.settings],
  );
}

/** The wrappers around the techniques, each with one idea; the outermost is what a scrape calls. */
function bindFetching(container: Container): void {
  container
    .bind($.bodyStore)
    .toResolvedValue((s) => new BudgetedBodyStore(new HeapBodyStore(), s.scrapeBodySizeLimit), [$.settings]);
  container.bind($.execFetcher).toResolvedValue(
    (starter, bodies, clock, closing, s) => {
      const plain = new DockerExecMetricsFetcher(starter, bodies, clock);
      return s.execSession
        ? closing.use(new DockerExecSessionMetricsFetcher(starter, bodies, clock, plain))
        : plain;
    },
    [$.execStarter, $.bodyStore, $.clock, $.closing, $.settings],
  );
  container.bind($.httpFetcher).toResolvedValue(
    (bodies, closing, s) => {
      const http = new HttpMetricsFetcher({ bodies, version: VERSION });
      closing.defer(() => http.close());
      return new AdmittedMetricsFetcher(http, new ConcurrencyLimit(s.httpConcurrency));
    },
    [$.bodyStore, $.closing, $.settings],
  );
  container.bind($.routingFetcher).toResolvedValue(
    (exec, http, clock, s) => {
      const auto = new FallbackMetricsFetcher({ http, exec }, clock);
      return new RoutingMetricsFetcher({ exec, http, auto }, defaultFetchMode(s));
    },
    [$.execFetcher, $.httpFetcher, $.clock, $.settings],
  );
  container.bind($.fetcher).toResolvedValue((routing) => routing, [$.routingFetcher]);
  container.bind($.scrapeFetcher).toResolvedValue(
    (fetcher, routing, bodies, clock, s) => {
      const storing = fetcher === routing ? fetcher : new StoringMetricsFetcher(fetcher, bodies);
      const limited = new TimeLimitedMetricsFetcher(storing, s.targetTimeout, clock);
      const shared = new SharedMetricsFetcher(limited, clock);
      return s.reuseWithin > 0 ? new ReusingMetricsFetcher(shared, s.reuseWithin, clock) : shared;
    },
    [$.fetcher, $.routingFetcher, $.bodyStore, $.clock, $.settings],
  );
}

/** A discovery that is not Docker's is ready when it answers. */
async function problemOf(targets: KnownTargets, signal: AbortSignal): Promise<string | undefined> {
  await targets.current(READY_BUDGET_MS, signal);
  return targets.problem;
}

async function readinessOf(engine: DockerEngine, signal: AbortSignal): Promise<string | undefined> {
  using deadline = deadlineWithin(READY_TIMEOUT_MS, signal);
  try {
    await engine.ping(deadline.signal);
    return undefined;
  } catch (error) {
    return engine.explain(error, deadline.signal);
  }
}
