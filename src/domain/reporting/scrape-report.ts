import type { Failure } from '../fetching/failure.ts';
import type { IdentifiedEndpoint } from '../targets/identity.ts';
import type { TypeConflict } from '../exposition/type-conflict.ts';

/** What became of one endpoint in one scrape. */
export interface EndpointReport {
  readonly identified: IdentifiedEndpoint;
  /** Undefined: up. */
  readonly failure: Failure | undefined;
  /** From the start of its fetch, as this scrape saw it, until its body was read. */
  readonly durationSeconds: number;
  /** 0 while down. */
  readonly bodyBytes: number;
  /** As the body has them, duplicates included; 0 while down. */
  readonly samples: number;
  /** The technique that fetched it; undefined while down. */
  readonly via: 'exec' | 'http' | undefined;
}

/** What one scrape saw, before its answer is written. */
export interface ScrapeReport {
  readonly endpoints: readonly EndpointReport[];
  /** All valid endpoints that are listed now, those outside of this scrape's filter included. */
  readonly listed: readonly IdentifiedEndpoint[];
  readonly invalidEndpoints: number;
  readonly isDaemonReachable: boolean;
  readonly typeConflicts: readonly TypeConflict[];
}

/** What is known once the answer has been written. */
export interface ScrapeTotals {
  readonly durationSeconds: number;
  readonly duplicateSamples: number;
  readonly unrepresentable: number;
}
