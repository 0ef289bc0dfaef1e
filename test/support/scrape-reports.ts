import { parseEndpoints } from '../../src/domain/targets/endpoint.ts';
import { failure, type FailureReason } from '../../src/domain/fetching/failure.ts';
import {
  IdentityRegistry,
  type IdentifiedEndpoint,
  type IdentityLabelName,
} from '../../src/domain/targets/identity.ts';
import type { EndpointReport, ScrapeReport } from '../../src/domain/reporting/scrape-report.ts';
import type { Target } from '../../src/domain/targets/target.ts';
import { aTarget } from './targets.ts';

/** A target whose id is this digit 64 times. */
export function target(
  digit: string,
  containerName: string,
  more: Partial<Target> & { label?: string } = {},
): Target {
  const { valid, invalid } = parseEndpoints(more.label ?? '9100/metrics');
  return aTarget({
    id: digit.repeat(64),
    containerName,
    endpoints: valid,
    invalidEndpoints: invalid,
    ...more,
  });
}

export function identify(
  targets: readonly Target[],
  names: readonly IdentityLabelName[] = ['container_name'],
): readonly IdentifiedEndpoint[] {
  return new IdentityRegistry(names).identify(targets);
}

export function upReport(identified: IdentifiedEndpoint): EndpointReport {
  return {
    identified,
    failure: undefined,
    durationSeconds: 0.012,
    bodyBytes: 2048,
    samples: 30,
    via: 'exec',
  };
}

export function downReport(identified: IdentifiedEndpoint, reason: FailureReason): EndpointReport {
  const down = failure(reason, 'what happened');
  return { identified, failure: down, durationSeconds: 5, bodyBytes: 0, samples: 0, via: undefined };
}

export function scrapeReport(
  endpoints: readonly EndpointReport[],
  more: Partial<ScrapeReport> = {},
): ScrapeReport {
  return {
    endpoints,
    listed: endpoints.map(({ identified }) => identified),
    invalidEndpoints: 0,
    isDaemonReachable: true,
    typeConflicts: [],
    ...more,
  };
}
