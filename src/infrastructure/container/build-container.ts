import 'reflect-metadata';

import { Container } from 'inversify';

import { DockerEngine } from '../../adapters/docker/connection/docker-engine.ts';
import { ContainerFacts } from '../../adapters/docker/exec/container-facts.ts';
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
import { readyWorkDone } from '../ready-work-done.ts';
import { systemClock } from '../system-clock.ts';
import { VERSION } from '../version.ts';
import { SERVICES } from './services.ts';

// A daemon that hangs must not make the readiness probe hang.
const READY_TIMEOUT_MS = 2000;
// KnownTargets gives the discovery a quarter of this.
const READY_BUDGET_MS = 4 * READY_TIMEOUT_MS;
// Scrapes that wait for hung targets overlap if clients scrape several times a second: they must not use up the memory.
const MAX_SCRAPES = 64;

/** Wires the exporter: the one place that knows all parts. Opens and starts nothing. */
export function buildContainer(settings: Settings): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(SERVICES.settings).toConstantValue(settings);
  container.bind(SERVICES.closing).toResolvedValue(() => new AsyncDisposableStack());
  bindReporting(container);
  bindDiscovery(container);
  bindFetching(container);
  bindScraping(container);
  bindServing(container);
  return container;
}

function bindReporting(container: Container): void {
  container.bind(SERVICES.clock).toConstantValue(systemClock);
  container
    .bind(SERVICES.logger)
    .toResolvedValue(
      (settings: Settings) => new WinstonLogger({ level: settings.logLevel, format: settings.logFormat }),
      [SERVICES.settings],
    );
  container.bind(SERVICES.selfMetrics).toResolvedValue(() => new PromClientSelfMetrics(VERSION));
}

function bindScraping(container: Container): void {
  container.bind(SERVICES.relabeler).toResolvedValue(() => new WasmMetricsRelabeler());
  container
    .bind(SERVICES.targetBoard)
    .toResolvedValue((logger) => new TargetBoard(logger), [SERVICES.logger]);
  container
    .bind(SERVICES.listTargets)
    .toResolvedValue(
      (targets, board, settings) => new ListTargets(targets, board, defaultFetchMode(settings)),
      [SERVICES.knownTargets, SERVICES.targetBoard, SERVICES.settings],
    );
  container.bind(SERVICES.collectMetrics).toResolvedValue(
    (targets, fetcher, relabeler, selfMetrics, sources, board, clock, logger, settings) =>
      new CollectMetrics(
        {
          targets,
          fetcher,
          relabeler,
          selfMetrics,
          sources,
          readyWorkDone,
          board,
          clock,
          logger,
          admission: new ScrapeAdmission(MAX_SCRAPES, settings.scrapeBodySizeLimit),
        },
        {
          scrapeTimeoutMs: settings.scrapeTimeout,
          offsetMs: settings.scrapeTimeoutOffset,
          format: settings.expositionFormat,
          honorsLabels: settings.honorLabels,
          maxBodyBytes: settings.targetBodySizeLimit,
          maxScrapeBytes: settings.scrapeBodySizeLimit,
          sampleLimit: settings.targetSampleLimit,
        },
      ),
    [
      SERVICES.knownTargets,
      SERVICES.scrapeFetcher,
      SERVICES.relabeler,
      SERVICES.selfMetrics,
      SERVICES.addSources,
      SERVICES.targetBoard,
      SERVICES.clock,
      SERVICES.logger,
      SERVICES.settings,
    ],
  );
}

function bindServing(container: Container): void {
  container
    .bind(SERVICES.readiness)
    .toResolvedValue(
      (discovery, docker, engine, targets) => (signal) =>
        discovery === docker ? engineProblem(engine, signal) : discoveryProblem(targets, signal),
      [SERVICES.discovery, SERVICES.dockerDiscovery, SERVICES.dockerEngine, SERVICES.knownTargets],
    );
  container.bind(SERVICES.routerParts).toResolvedValue(
    (collectMetrics, listTargets, readiness, logger, clock, discovery, docker, settings) => ({
      collectMetrics,
      listTargets,
      readiness,
      logger,
      clock,
      version: VERSION,
      markerLabel: discovery === docker ? settings.dockerLabelHasMetrics : undefined,
    }),
    [
      SERVICES.collectMetrics,
      SERVICES.listTargets,
      SERVICES.readiness,
      SERVICES.logger,
      SERVICES.clock,
      SERVICES.discovery,
      SERVICES.dockerDiscovery,
      SERVICES.settings,
    ],
  );
  container.bind(SERVICES.router).toResolvedValue((parts) => createRouter(parts), [SERVICES.routerParts]);
  container.bind(SERVICES.app).toResolvedValue((parts) => createApp(parts), [SERVICES.routerParts]);
  container.bind(SERVICES.webServer).toResolvedValue(
    (app, logger, settings) => {
      const answer = app.callback();
      return new WebServer({
        configFile: settings.webConfigFile,
        allowCidrs: settings.httpAllowCidrs,
        logger,
        handler: (request, response) => void answer(request, response),
      });
    },
    [SERVICES.app, SERVICES.logger, SERVICES.settings],
  );
}

function bindDiscovery(container: Container): void {
  container.bind(SERVICES.dockerEngine).toResolvedValue(
    (settings, selfMetrics) =>
      new DockerEngine(
        {
          host: settings.dockerHost,
          verifiesTls: settings.dockerTlsVerify,
          certPath: settings.dockerCertPath,
        },
        selfMetrics,
      ),
    [SERVICES.settings, SERVICES.selfMetrics],
  );
  container
    .bind(SERVICES.execStarter)
    .toResolvedValue(
      (engine, settings, selfMetrics) =>
        new ExecStarter(engine, new ConcurrencyLimit(settings.execConcurrency), selfMetrics),
      [SERVICES.dockerEngine, SERVICES.settings, SERVICES.selfMetrics],
    );
  container.bind(SERVICES.dockerDiscovery).toResolvedValue(
    (engine, starter, clock, closing, settings) => {
      const docker = new DockerTargetDiscovery(engine, {
        metricsLabel: settings.dockerLabelHasMetrics,
        containerNameLabel: settings.containerNameLabel,
        hostNetworkAddress: settings.hostNetworkAddress,
        ownContainer: findOwnContainer(readContainerTraces()),
      });
      if (!settings.taskMetadata) return docker;
      const isIdentityLabel = settings.identityLabels.includes('service');
      return closing.use(new TaskMetadataTargetDiscovery(docker, starter, clock, isIdentityLabel));
    },
    [SERVICES.dockerEngine, SERVICES.execStarter, SERVICES.clock, SERVICES.closing, SERVICES.settings],
  );
  container
    .bind(SERVICES.fileDiscovery)
    .toResolvedValue(
      (settings, logger) => new FileTargetDiscovery(settings.discoveryFiles, logger),
      [SERVICES.settings, SERVICES.logger],
    );
  container
    .bind(SERVICES.discovery)
    .toResolvedValue(
      (docker, file, settings) => ({ docker, file })[settings.discovery],
      [SERVICES.dockerDiscovery, SERVICES.fileDiscovery, SERVICES.settings],
    );
  container.bind(SERVICES.sources).toConstantValue([]);
  container
    .bind(SERVICES.addSources)
    .toResolvedValue(
      (sources, logger) => new AddSources(sources, logger),
      [SERVICES.sources, SERVICES.logger],
    );
  container.bind(SERVICES.knownTargets).toResolvedValue(
    (discovery, clock, logger, sources, settings) => {
      const reserved = sources.map(({ containerName }) => sourceLabels(containerName));
      return new KnownTargets(
        discovery,
        new IdentityRegistry(settings.identityLabels, reserved),
        clock,
        logger,
      );
    },
    [SERVICES.discovery, SERVICES.clock, SERVICES.logger, SERVICES.sources, SERVICES.settings],
  );
}

/** Binds the techniques and their wrappers, each of which adds one thing. A scrape calls the outermost. */
function bindFetching(container: Container): void {
  container
    .bind(SERVICES.bodyStore)
    .toResolvedValue(
      (settings) => new BudgetedBodyStore(new HeapBodyStore(), settings.scrapeBodySizeLimit),
      [SERVICES.settings],
    );
  container.bind(SERVICES.execFetcher).toResolvedValue(
    (starter, bodies, clock, closing, settings) => {
      const facts = new ContainerFacts(clock);
      const oneShot = new DockerExecMetricsFetcher(starter, bodies, clock, facts);
      return settings.execSession
        ? closing.use(new DockerExecSessionMetricsFetcher(starter, bodies, clock, facts, oneShot))
        : oneShot;
    },
    [SERVICES.execStarter, SERVICES.bodyStore, SERVICES.clock, SERVICES.closing, SERVICES.settings],
  );
  container.bind(SERVICES.httpFetcher).toResolvedValue(
    (bodies, closing, settings) => {
      const http = new HttpMetricsFetcher({ bodies, version: VERSION });
      closing.defer(() => http.close());
      return new AdmittedMetricsFetcher(http, new ConcurrencyLimit(settings.httpConcurrency));
    },
    [SERVICES.bodyStore, SERVICES.closing, SERVICES.settings],
  );
  container.bind(SERVICES.routingFetcher).toResolvedValue(
    (exec, http, clock, settings) => {
      const auto = new FallbackMetricsFetcher({ http, exec }, clock);
      return new RoutingMetricsFetcher({ exec, http, auto }, defaultFetchMode(settings));
    },
    [SERVICES.execFetcher, SERVICES.httpFetcher, SERVICES.clock, SERVICES.settings],
  );
  container.bind(SERVICES.fetcher).toResolvedValue((routing) => routing, [SERVICES.routingFetcher]);
  container.bind(SERVICES.scrapeFetcher).toResolvedValue(
    (fetcher, routing, bodies, clock, settings) => {
      const storing = fetcher === routing ? fetcher : new StoringMetricsFetcher(fetcher, bodies);
      const limited = new TimeLimitedMetricsFetcher(storing, settings.targetTimeout, clock);
      const shared = new SharedMetricsFetcher(limited, clock);
      return settings.reuseWithin > 0
        ? new ReusingMetricsFetcher(shared, settings.reuseWithin, clock)
        : shared;
    },
    [SERVICES.fetcher, SERVICES.routingFetcher, SERVICES.bodyStore, SERVICES.clock, SERVICES.settings],
  );
}

/** A discovery other than Docker's is ready if it answers. */
async function discoveryProblem(targets: KnownTargets, signal: AbortSignal): Promise<string | undefined> {
  await targets.current(READY_BUDGET_MS, signal);
  return targets.problem;
}

async function engineProblem(engine: DockerEngine, signal: AbortSignal): Promise<string | undefined> {
  using deadline = deadlineWithin(READY_TIMEOUT_MS, signal);
  try {
    await engine.ping(deadline.signal);
    return undefined;
  } catch (error) {
    return engine.explain(error, deadline.signal);
  }
}
