import type Koa from 'koa';
import type { ServiceIdentifier } from 'inversify';

import type { DockerEngine } from '../../adapters/docker/docker-engine.ts';
import type { ExecStarter } from '../../adapters/docker/exec-starter.ts';
import type { PromClientSelfMetrics } from '../../adapters/prom-client/prom-client-self-metrics.ts';
import type { CollectMetrics } from '../../application/collect-metrics.ts';
import type { KnownTargets } from '../../application/known-targets.ts';
import type { ListTargets } from '../../application/list-targets.ts';
import type { TargetBoard } from '../../application/target-board.ts';
import type { BodyStore } from '../../domain/body.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { MetricsFetcher } from '../../domain/metrics-fetcher.ts';
import type { MetricsRelabeler } from '../../domain/metrics-relabeler.ts';
import type { TargetDiscovery } from '../../domain/target-discovery.ts';
import type { Settings } from '../config/settings.ts';

/** Resolves with what keeps the exporter from being ready; undefined: ready. */
export type Readiness = (signal: AbortSignal) => Promise<string | undefined>;

const service = <T>(name: string): ServiceIdentifier<T> => Symbol(name);

/** Everything that the container holds, by role. The types are what `tsc` checks the wiring with. */
export const SERVICES = {
  settings: service<Settings>('settings'),
  clock: service<Clock>('clock'),
  logger: service<Logger>('logger'),
  /** What has to be closed when the exporter stops: open sessions, kept connections. */
  closing: service<AsyncDisposableStack>('closing'),
  selfMetrics: service<PromClientSelfMetrics>('selfMetrics'),
  dockerEngine: service<DockerEngine>('dockerEngine'),
  execStarter: service<ExecStarter>('execStarter'),
  dockerDiscovery: service<TargetDiscovery>('dockerDiscovery'),
  fileDiscovery: service<TargetDiscovery>('fileDiscovery'),
  discovery: service<TargetDiscovery>('discovery'),
  knownTargets: service<KnownTargets>('knownTargets'),
  targetBoard: service<TargetBoard>('targetBoard'),
  bodyStore: service<BodyStore>('bodyStore'),
  execFetcher: service<MetricsFetcher>('execFetcher'),
  httpFetcher: service<MetricsFetcher>('httpFetcher'),
  fetcher: service<MetricsFetcher>('fetcher'),
  relabeler: service<MetricsRelabeler>('relabeler'),
  collectMetrics: service<CollectMetrics>('collectMetrics'),
  listTargets: service<ListTargets>('listTargets'),
  readiness: service<Readiness>('readiness'),
  app: service<Koa>('app'),
} as const;
