import type { Failure } from '../fetching/failure.ts';
import type { IdentifiedEndpoint } from '../targets/identity.ts';
import type { TypeConflict } from '../exposition/families/type-conflict.ts';

/** The result of one endpoint in one scrape. */
export interface EndpointReport {
  readonly identified: IdentifiedEndpoint;
  /** Undefined: up. */
  readonly failure: Failure | undefined;
  /** From when this scrape asked for its body until the body was merged, or failed. */
  readonly durationSeconds: number;
  /** 0 while down. */
  readonly bodyBytes: number;
  /** Number of samples in the body, duplicates included; 0 while down. */
  readonly samples: number;
  /** The technique that fetched it; undefined while down. */
  readonly via: 'exec' | 'http' | undefined;
}

/** The results of one scrape, before its answer is written. */
export interface ScrapeReport {
  readonly endpoints: readonly EndpointReport[];
  /** All valid endpoints that are listed now, including those outside this scrape's filter. */
  readonly listed: readonly IdentifiedEndpoint[];
  readonly invalidEndpoints: number;
  readonly isDaemonReachable: boolean;
  readonly typeConflicts: readonly TypeConflict[];
}

/** Totals of a scrape that are known only once its answer has been written. */
export interface ScrapeTotals {
  readonly durationSeconds: number;
  readonly duplicateSamples: number;
  readonly unrepresentable: number;
}
