import type { FailureReason } from '../../domain/fetching/failure.ts';
import type { IdentifiedEndpoint } from '../../domain/targets/identity.ts';
import type { EndpointReport } from '../../domain/reporting/scrape-report.ts';
import { labelsText } from './family-text.ts';

/** Counts the failures of each endpoint by reason, for as long as the endpoint is listed. */
export class FailureCounts {
  readonly #byEndpoint = new Map<string, Map<FailureReason, number>>();

  count(reports: readonly EndpointReport[]): void {
    for (const { identified, failure } of reports) {
      if (failure === undefined) continue;
      const key = labelsText(identified.labels);
      const counts = this.#byEndpoint.get(key) ?? new Map<FailureReason, number>();
      counts.set(failure.reason, (counts.get(failure.reason) ?? 0) + 1);
      this.#byEndpoint.set(key, counts);
    }
  }

  of({ labels }: IdentifiedEndpoint): Iterable<readonly [FailureReason, number]> {
    return this.#byEndpoint.get(labelsText(labels)) ?? [];
  }

  /** Forgets the endpoints that are no longer listed. */
  keepOnly(listed: readonly IdentifiedEndpoint[]): void {
    const kept = new Set(listed.map(({ labels }) => labelsText(labels)));
    for (const key of this.#byEndpoint.keys()) if (!kept.has(key)) this.#byEndpoint.delete(key);
  }
}
