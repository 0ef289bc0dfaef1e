import { endpointKey } from '../domain/targets/endpoint.ts';
import type { IdentifiedEndpoint } from '../domain/targets/identity.ts';
import type { Logger, LogFields } from '../domain/logger.ts';
import type { EndpointReport } from '../domain/reporting/scrape-report.ts';
import { shortTargetId, targetEndpointKey } from '../domain/targets/target.ts';

/** The result of an endpoint's last scrape. */
export interface EndpointStatus {
  readonly report: EndpointReport;
  /** When that scrape ended: Unix time, milliseconds. */
  readonly atEpochMs: number;
}

/** Remembers the last result of each endpoint. Logs when a failure starts, changes or ends, not on every scrape. */
export class TargetBoard {
  readonly #logger: Logger;
  readonly #statuses = new Map<string, EndpointStatus>();
  readonly #timedOut = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  status(identified: IdentifiedEndpoint): EndpointStatus | undefined {
    return this.#statuses.get(statusKey(identified));
  }

  /** Whether the endpoint's last fetch that was started ran into its time limit. Such endpoints are fetched last. */
  timedOutLastTime(identified: IdentifiedEndpoint): boolean {
    return this.#timedOut.has(statusKey(identified));
  }

  record(reports: readonly EndpointReport[], atEpochMs: number): void {
    for (const report of reports) {
      this.#logChange(this.status(report.identified)?.report, report);
      const key = statusKey(report.identified);
      this.#statuses.set(key, { report, atEpochMs });
      const reason = report.failure?.reason;
      if (reason === 'timeout') this.#timedOut.add(key);
      else if (reason !== 'queued') this.#timedOut.delete(key);
    }
  }

  /** Forgets the endpoints that are no longer listed. */
  keepOnly(listed: readonly IdentifiedEndpoint[]): void {
    const keys = new Set(listed.map(statusKey));
    for (const key of this.#statuses.keys()) {
      if (keys.has(key)) continue;
      this.#statuses.delete(key);
      this.#timedOut.delete(key);
    }
  }

  #logChange(before: EndpointReport | undefined, now: EndpointReport): void {
    const fields: LogFields = {
      containerName: now.identified.target.containerName,
      containerId: shortTargetId(now.identified.target.id),
      endpoint: endpointKey(now.identified.endpoint),
    };
    if (now.failure === undefined) {
      if (before?.failure !== undefined)
        this.#logger.info('a target is up again', { ...fields, was: before.failure.reason });
      return;
    }
    if (before?.failure?.reason === now.failure.reason) return;
    this.#logger.warn(
      before?.failure === undefined ? 'a target is down' : 'a target is down for another reason',
      {
        ...fields,
        reason: now.failure.reason,
        detail: now.failure.detail,
      },
    );
  }
}

function statusKey({ target, endpoint }: IdentifiedEndpoint): string {
  return targetEndpointKey(target, endpoint);
}
