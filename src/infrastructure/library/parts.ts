// Exports for writing parts of your own: the ports, the types that they use, and a few functions.
export { StaticTargetDiscovery } from '../../adapters/file/static-target-discovery.ts';
export { targetsOf } from '../../adapters/file/targets-of.ts';
export { bodyOf } from '../../domain/fetching/body.ts';
export { failure, FAILURE_REASONS } from '../../domain/fetching/failure.ts';
export { IDENTITY_LABEL_NAMES } from '../../domain/targets/identity.ts';
export { LOOP_HEADER, TARGET_ACCEPT } from '../../domain/fetching/metrics-fetcher.ts';
export { DEFAULT_TARGET_OPTIONS, FETCH_MODES } from '../../domain/targets/target.ts';
export { DiscoveryError } from '../../domain/targets/target-discovery.ts';

export type { TargetGroup } from '../../adapters/file/target-group.ts';
export type { MetricsRegistry } from '../../adapters/prom-client/registry-metrics-source.ts';
export type { Body } from '../../domain/fetching/body.ts';
export type { Clock } from '../../domain/clock.ts';
export type { Endpoint, InvalidEndpoint } from '../../domain/targets/endpoint.ts';
export type { FormatSetting, OutputFormat } from '../../domain/exposition/format.ts';
export type { Failure, FailureReason } from '../../domain/fetching/failure.ts';
export type { IdentityLabelName } from '../../domain/targets/identity.ts';
export type { Label } from '../../domain/targets/label.ts';
export type { LogFields, Logger } from '../../domain/logger.ts';
export type {
  FetchedBody,
  FetchOutcome,
  FetchRequest,
  MetricsFetcher,
  TimeLimit,
} from '../../domain/fetching/metrics-fetcher.ts';
export type {
  ExpositionSource,
  Merge,
  MergedExposition,
  MergeOptions,
  MetricsRelabeler,
  SourceReport,
} from '../../domain/exposition/metrics-relabeler.ts';
export type { TypeConflict } from '../../domain/exposition/families/type-conflict.ts';
export type {
  FetchMode,
  Target,
  TargetAddress,
  TargetAttributes,
  TargetOptions,
} from '../../domain/targets/target.ts';
export type { TargetDiscovery } from '../../domain/targets/target-discovery.ts';
export type { Configure, Ports } from '../container/services.ts';
