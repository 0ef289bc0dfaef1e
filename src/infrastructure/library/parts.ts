// What parts of one's own are written with: the ports, their words, and a few functions that save writing.
export { StaticTargetDiscovery } from '../../adapters/file/static-target-discovery.ts';
export { targetsOf } from '../../adapters/file/targets-of.ts';
export { bodyOf } from '../../domain/body.ts';
export { failure, FAILURE_REASONS } from '../../domain/failure.ts';
export { IDENTITY_LABEL_NAMES } from '../../domain/identity.ts';
export { LOOP_HEADER, TARGET_ACCEPT } from '../../domain/metrics-fetcher.ts';
export { DEFAULT_TARGET_OPTIONS, FETCH_MODES } from '../../domain/target.ts';
export { DiscoveryError } from '../../domain/target-discovery.ts';

export type { TargetGroup } from '../../adapters/file/target-group.ts';
export type { MetricsRegistry } from '../../adapters/prom-client/registry-metrics-source.ts';
export type { Body } from '../../domain/body.ts';
export type { Clock } from '../../domain/clock.ts';
export type { Endpoint, InvalidEndpoint } from '../../domain/endpoint.ts';
export type { FormatSetting, OutputFormat } from '../../domain/exposition/format.ts';
export type { Failure, FailureReason } from '../../domain/failure.ts';
export type { IdentityLabelName } from '../../domain/identity.ts';
export type { Label } from '../../domain/label.ts';
export type { LogFields, Logger } from '../../domain/logger.ts';
export type {
  FetchedBody,
  FetchOutcome,
  FetchRequest,
  MetricsFetcher,
  TimeLimit,
} from '../../domain/metrics-fetcher.ts';
export type {
  ExpositionSource,
  Merge,
  MergedExposition,
  MergeOptions,
  MetricsRelabeler,
  SourceReport,
  TypeConflict,
} from '../../domain/metrics-relabeler.ts';
export type {
  FetchMode,
  Target,
  TargetAddress,
  TargetAttributes,
  TargetOptions,
} from '../../domain/target.ts';
export type { TargetDiscovery } from '../../domain/target-discovery.ts';
export type { Configure, Ports } from '../container/services.ts';
