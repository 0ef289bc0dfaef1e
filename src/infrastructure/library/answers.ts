// Exports for using an exporter: the types of its answers, and its errors.
export { TooManyScrapesError } from '../../application/scrape-admission.ts';
export { ConfigurationError } from '../config/load-settings.ts';

export type { ListedEndpoint, ListedInvalidEndpoint, TargetList } from '../../application/list-targets.ts';
export type { EndpointStatus } from '../../application/target-board.ts';
export type { IdentifiedEndpoint } from '../../domain/targets/identity.ts';
export type { EndpointReport } from '../../domain/reporting/scrape-report.ts';
