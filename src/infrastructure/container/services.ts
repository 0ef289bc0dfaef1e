import type { Router } from '@koa/router';
import type Koa from 'koa';
import type { Container, ServiceIdentifier } from 'inversify';

import type { DockerEngine } from '../../adapters/docker/connection/docker-engine.ts';
import type { ExecStarter } from '../../adapters/docker/exec/run/exec-starter.ts';
import type { RouterParts } from '../../adapters/koa/create-router.ts';
import type { PromClientSelfMetrics } from '../../adapters/prom-client/prom-client-self-metrics.ts';
import type { WebServer } from '../../adapters/web/web-server.ts';
import type { AddSources } from '../../application/add-sources.ts';
import type { CollectMetrics } from '../../application/collect-metrics.ts';
import type { KnownTargets } from '../../application/known-targets.ts';
import type { ListTargets } from '../../application/list-targets.ts';
import type { TargetBoard } from '../../application/target-board.ts';
import type { BodyStore } from '../../domain/fetching/body.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';
import type { MetricsRelabeler } from '../../domain/exposition/metrics-relabeler.ts';
import type { MetricsSource } from '../../domain/exposition/metrics-source.ts';
import type { TargetDiscovery } from '../../domain/targets/target-discovery.ts';
import type { Settings } from '../config/settings.ts';

/** Resolves with the reason why the exporter is not ready; undefined: ready. */
export type Readiness = (signal: AbortSignal) => Promise<string | undefined>;

const service = <T>(name: string): ServiceIdentifier<T> => Symbol(name);

/** The ports that a program that embeds the exporter may bind to its own parts. */
export interface Ports {
  readonly clock: ServiceIdentifier<Clock>;
  readonly logger: ServiceIdentifier<Logger>;
  readonly discovery: ServiceIdentifier<TargetDiscovery>;
  /** Fetches one endpoint. Our own chooses by fetch mode. It is wrapped in limits and sharing. */
  readonly fetcher: ServiceIdentifier<MetricsFetcher>;
  readonly relabeler: ServiceIdentifier<MetricsRelabeler>;
}

/** Changes the bindings of the container, before any part is created. */
export type Configure = (container: Container, ports: Ports) => void;

export const PORTS: Ports = {
  clock: service('clock'),
  logger: service('logger'),
  discovery: service('discovery'),
  fetcher: service('fetcher'),
  relabeler: service('relabeler'),
};

/** The identifiers of all bindings of the container. Their types let `tsc` check the wiring. */
export const SERVICES = {
  ...PORTS,
  settings: service<Settings>('settings'),
  /** Closes open sessions and kept connections when the exporter stops. */
  closing: service<AsyncDisposableStack>('closing'),
  selfMetrics: service<PromClientSelfMetrics>('selfMetrics'),
  dockerEngine: service<DockerEngine>('dockerEngine'),
  execStarter: service<ExecStarter>('execStarter'),
  dockerDiscovery: service<TargetDiscovery>('dockerDiscovery'),
  fileDiscovery: service<TargetDiscovery>('fileDiscovery'),
  knownTargets: service<KnownTargets>('knownTargets'),
  targetBoard: service<TargetBoard>('targetBoard'),
  bodyStore: service<BodyStore>('bodyStore'),
  execFetcher: service<MetricsFetcher>('execFetcher'),
  httpFetcher: service<MetricsFetcher>('httpFetcher'),
  /** Our own fetchers, chosen by fetch mode. */
  routingFetcher: service<MetricsFetcher>('routingFetcher'),
  /** The fetcher with all its wrappers, as a scrape uses it. */
  scrapeFetcher: service<MetricsFetcher>('scrapeFetcher'),
  sources: service<readonly MetricsSource[]>('sources'),
  addSources: service<AddSources>('addSources'),
  collectMetrics: service<CollectMetrics>('collectMetrics'),
  listTargets: service<ListTargets>('listTargets'),
  readiness: service<Readiness>('readiness'),
  routerParts: service<RouterParts>('routerParts'),
  router: service<Router>('router'),
  app: service<Koa>('app'),
  webServer: service<WebServer>('webServer'),
} as const;
