import type { Clock } from '../domain/clock.ts';
import { negotiateFormat, type FormatSetting } from '../domain/exposition/format.ts';
import { failure, type Failure } from '../domain/fetching/failure.ts';
import { OWN_IDENTITY, type IdentifiedEndpoint } from '../domain/targets/identity.ts';
import type { Logger } from '../domain/logger.ts';
import type { FetchedBody, MetricsFetcher } from '../domain/fetching/metrics-fetcher.ts';
import type { Merge, MergedExposition, MetricsRelabeler } from '../domain/exposition/metrics-relabeler.ts';
import { scrapeBudgetMs, type BudgetSettings } from '../domain/fetching/scrape-budget.ts';
import type { EndpointReport, ScrapeReport } from '../domain/reporting/scrape-report.ts';
import type { SelfMetrics } from '../domain/reporting/self-metrics.ts';
import type { AddSources } from './add-sources.ts';
import { deadlineWithin } from './fetching/deadline.ts';
import type { KnownTargets, TargetView } from './known-targets.ts';
import type { ScrapeAdmission } from './scrape-admission.ts';
import type { TargetBoard } from './target-board.ts';

/** One scrape, as its HTTP request words it. */
export interface ScrapeRequest {
  /** The Accept header. */
  readonly accept: string | undefined;
  /** The X-Prometheus-Scrape-Timeout-Seconds header. */
  readonly timeoutSeconds: string | undefined;
}

export interface CollectSettings extends BudgetSettings {
  readonly format: FormatSetting;
  readonly honorsLabels: boolean;
  readonly maxBodyBytes: number;
  /** Of all bodies of a scrape. */
  readonly maxScrapeBytes: number;
  /** 0 for any number. */
  readonly sampleLimit: number;
}

export interface CollectParts {
  readonly targets: KnownTargets;
  readonly fetcher: MetricsFetcher;
  readonly relabeler: MetricsRelabeler;
  readonly selfMetrics: SelfMetrics;
  readonly sources: AddSources;
  readonly board: TargetBoard;
  readonly admission: ScrapeAdmission;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The answer about one target alone: its exposition, or why there is none. */
export type TargetExposition =
  { readonly kind: 'merged'; readonly merged: MergedExposition } | { readonly kind: 'unknown' } | Failed;
interface Failed {
  readonly kind: 'failed';
  readonly failure: Failure;
}

/** Collects the metrics of all targets into one exposition: the flow behind a scrape. */
export class CollectMetrics {
  readonly #parts: CollectParts;
  readonly #settings: CollectSettings;
  readonly #loggedConflicts = new Set<string>();

  constructor(parts: CollectParts, settings: CollectSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /**
   * All targets (or those of the given container names) and our own metrics. Rejects with TooManyScrapesError, or with
   * the signal's reason where the scraper has left; whatever a target does is in the answer.
   */
  async collect(
    request: ScrapeRequest,
    containerNames: readonly string[],
    signal: AbortSignal,
  ): Promise<MergedExposition> {
    const { clock, selfMetrics, admission, sources } = this.#parts;
    const startedMs = clock.nowMs();
    return this.#scrape(request, signal, async (merge, view, deadline) => {
      const wanted = (name: string): boolean => containerNames.length === 0 || containerNames.includes(name);
      const endpoints = view.endpoints.filter(({ target }) => wanted(target.containerName));
      const [reports] = await Promise.all([
        this.#gather(merge, endpoints, view, deadline),
        sources.addTo(merge, wanted, endpoints.length, deadline),
        // While the targets are waited for: what is left to do behind the deadline makes the answer late.
        this.#addProcess(merge, wanted, endpoints.length + sources.count, deadline.client),
      ]);
      const typeConflicts = merge.typeConflicts();
      this.#logConflicts(typeConflicts.map(({ family }) => family));
      const report: ScrapeReport = {
        endpoints: reports,
        listed: view.endpoints,
        invalidEndpoints: view.targets
          .filter(({ containerName }) => wanted(containerName))
          .reduce((sum, { invalidEndpoints }) => sum + invalidEndpoints.length, 0),
        isDaemonReachable: view.isDaemonReachable,
        typeConflicts,
      };
      const own = { contentType: undefined, sampleLimit: 0, labels: [], isOwn: true };
      merge.add({
        ...own,
        body: await selfMetrics.expose(report, deadline.client),
        rank: endpoints.length + sources.count + 1,
      });
      const merged = releasing(merge.finish(), deadline.leave);
      admission.noteAnswer(merged.byteLength);
      selfMetrics.finished({
        durationSeconds: (clock.nowMs() - startedMs) / 1000,
        duplicateSamples: merged.duplicateSamples,
        unrepresentable: merged.unrepresentable,
      });
      return merged;
    });
  }

  /** One target, relabelled, without our own metrics. Any endpoint of it that fails is the answer: no `up` would show it. */
  async collectTarget(
    request: ScrapeRequest,
    targetId: string,
    signal: AbortSignal,
  ): Promise<TargetExposition> {
    return this.#scrape<TargetExposition>(request, signal, async (merge, view, deadline) => {
      const endpoints = view.endpoints.filter(({ target }) => target.id === targetId);
      if (endpoints.length === 0) {
        merge.discard();
        deadline.leave();
        return { kind: 'unknown' };
      }
      const reports = await this.#gather(merge, endpoints, view, deadline);
      const failed = reports.find((report) => report.failure !== undefined)?.failure;
      if (failed !== undefined) {
        merge.discard();
        deadline.leave();
        return { kind: 'failed', failure: failed };
      }
      return { kind: 'merged', merged: releasing(merge.finish(), deadline.leave) };
    });
  }

  async #scrape<T>(
    request: ScrapeRequest,
    signal: AbortSignal,
    work: (merge: Merge, view: TargetView, deadline: Scrape) => Promise<T>,
  ): Promise<T> {
    const { relabeler, targets, clock, board, admission } = this.#parts;
    const leave = admission.enter();
    const budgetMs = scrapeBudgetMs(request.timeoutSeconds, this.#settings);
    const endsMs = clock.nowMs() + budgetMs;
    using deadline = deadlineWithin(budgetMs, signal);
    let merge: Merge | undefined;
    try {
      merge = relabeler.start({
        format: negotiateFormat(request.accept, this.#settings.format),
        honorsLabels: this.#settings.honorsLabels,
        // Lines are longer than they were and known in other ways as well; a body of short ones must not take all memory.
        maxHeldBytes: HELD_PER_BODY_BYTE * this.#settings.maxScrapeBytes,
      });
      const view = await targets.current(budgetMs, signal);
      board.keepOnly(view.endpoints);
      const room = { bytes: this.#settings.maxScrapeBytes };
      return await work(merge, view, { signal: deadline.signal, client: signal, endsMs, leave, room });
    } catch (error) {
      merge?.discard();
      leave();
      throw error;
    }
  }

  async #gather(
    merge: Merge,
    endpoints: readonly IdentifiedEndpoint[],
    view: TargetView,
    scrape: Scrape,
  ): Promise<EndpointReport[]> {
    const { board, clock } = this.#parts;
    const ranked = endpoints.map((identified, rank) => ({ identified, rank }));
    const order = [
      ...ranked.filter(({ identified }) => !board.isSuspect(identified)),
      ...ranked.filter(({ identified }) => board.isSuspect(identified)),
    ];
    const reports: EndpointReport[] = [];
    await Promise.all(
      order.map(async ({ identified, rank }) => {
        reports[rank] = await this.#fetchInto(merge, identified, rank, view.isDaemonReachable, scrape);
      }),
    );
    // The scraper has gone: nobody reads the answer, and what it cut short says nothing about the targets.
    scrape.client.throwIfAborted();
    board.record(reports, clock.epochMs());
    return reports;
  }

  async #fetchInto(
    merge: Merge,
    identified: IdentifiedEndpoint,
    rank: number,
    isDaemonReachable: boolean,
    scrape: Scrape,
  ): Promise<EndpointReport> {
    const { fetcher, clock } = this.#parts;
    const { target, endpoint, labels } = identified;
    const startedMs = clock.nowMs();
    const elapsedSeconds = (): number => (clock.nowMs() - startedMs) / 1000;
    const down = (failed: Failure): EndpointReport => ({
      identified,
      failure: failed,
      durationSeconds: elapsedSeconds(),
      bodyBytes: 0,
      samples: 0,
      via: undefined,
    });
    let fetched: FetchedBody | undefined;
    try {
      const outcome = await fetcher.fetch(
        {
          target,
          endpoint,
          timeoutMs: scrape.endsMs - startedMs,
          maxBodyBytes: this.#settings.maxBodyBytes,
          isDaemonReachable,
        },
        scrape.signal,
      );
      if (!outcome.ok) return down(outcome);
      fetched = outcome;
      const { body, contentType, via } = outcome;
      const bodyBytes = body.byteLength;
      // Bodies that were merged are gone, but their lines are not: what counts is all of them.
      if (bodyBytes > scrape.room.bytes) {
        return down(failure('over_budget', `its ${bodyBytes} bytes are too many beside the other bodies`));
      }
      const sampleLimit = target.options.sampleLimit ?? this.#settings.sampleLimit;
      const read = merge.add({ labels, body, contentType, sampleLimit, rank });
      if (!read.ok) return down(read);
      scrape.room.bytes -= bodyBytes;
      return {
        identified,
        failure: undefined,
        durationSeconds: elapsedSeconds(),
        bodyBytes,
        samples: read.samples,
        via,
      };
    } catch (error) {
      return down(failure('internal', error instanceof Error ? error.message : String(error)));
    } finally {
      fetched?.body.release();
    }
  }

  async #addProcess(
    merge: Merge,
    wanted: (containerName: string) => boolean,
    rank: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (!OWN_IDENTITY.some(({ value }) => wanted(value))) return;
    // The requests go out first: their answers are on the way meanwhile.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const body = await this.#parts.selfMetrics.exposeProcess(signal);
    merge.add({ contentType: undefined, sampleLimit: 0, labels: OWN_IDENTITY, body, rank });
  }

  #logConflicts(families: readonly string[]): void {
    for (const family of families) {
      if (this.#loggedConflicts.has(family) || this.#loggedConflicts.size >= MAX_LOGGED_CONFLICTS) continue;
      this.#loggedConflicts.add(family);
      this.#parts.logger.warn('targets declare different types for a family: it goes out untyped', {
        family,
      });
    }
  }
}

interface Scrape {
  /** Ends with the budget or the client. */
  readonly signal: AbortSignal;
  /** Ends with the client alone. */
  readonly client: AbortSignal;
  readonly endsMs: number;
  /** What further bodies may take. */
  readonly room: { bytes: number };
  /** Makes room for another scrape: the answer has been sent, or there is none. */
  readonly leave: () => void;
}

function releasing(merged: MergedExposition, leave: () => void): MergedExposition {
  return {
    ...merged,
    release: () => {
      merged.release();
      leave();
    },
  };
}

const MAX_LOGGED_CONFLICTS = 1000;
const HELD_PER_BODY_BYTE = 2;
