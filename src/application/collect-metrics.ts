import type { Clock } from '../domain/clock.ts';
import { negotiateFormat, type FormatSetting } from '../domain/exposition/format.ts';
import { failure, type Failure } from '../domain/fetching/failure.ts';
import { OWN_IDENTITY, type IdentifiedEndpoint } from '../domain/targets/identity.ts';
import type { Label } from '../domain/targets/label.ts';
import type { Target } from '../domain/targets/target.ts';
import type { Logger } from '../domain/logger.ts';
import type { FetchedBody, MetricsFetcher } from '../domain/fetching/metrics-fetcher.ts';
import type {
  Merge,
  MergedExposition,
  MetricsRelabeler,
  SourceReport,
} from '../domain/exposition/metrics-relabeler.ts';
import { scrapeBudgetMs, type BudgetSettings } from '../domain/fetching/scrape-budget.ts';
import type { EndpointReport, ScrapeReport } from '../domain/reporting/scrape-report.ts';
import type { SelfMetrics } from '../domain/reporting/self-metrics.ts';
import type { AddSources } from './add-sources.ts';
import { deadlineWithin } from './fetching/deadline.ts';
import type { KnownTargets, TargetView } from './known-targets.ts';
import type { ScrapeAdmission } from './scrape-admission.ts';
import type { TargetBoard } from './target-board.ts';

const NO_LABELS: readonly Label[] = [];
const MAX_LOGGED_CONFLICTS = 1000;
/** Bytes that a merge may hold per byte of the bodies: its lines are longer than theirs, and it has tables and indexes of them. */
const HELD_PER_BODY_BYTE = 2;

/** A scrape's request headers. */
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
  /** For all bodies of a scrape together. */
  readonly maxScrapeBytes: number;
  /** 0: no limit. */
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
  /** Resolves when all work that is ready has run: requests that were begun are sent. */
  readonly readyWorkDone: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The answer for one target alone: its exposition, or why there is none. */
export type TargetExposition =
  { readonly kind: 'merged'; readonly merged: MergedExposition } | { readonly kind: 'unknown' } | Failed;
interface Failed {
  readonly kind: 'failed';
  readonly failure: Failure;
}

/** Performs a scrape: collects the metrics of all targets into one exposition. */
export class CollectMetrics {
  readonly #parts: CollectParts;
  readonly #settings: CollectSettings;
  readonly #loggedConflicts = new Set<string>();

  constructor(parts: CollectParts, settings: CollectSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /**
   * Scrapes all targets (or those with the given container names) and adds our own metrics. Rejects with TooManyScrapesError, or
   * with the signal's reason if the scraper has left. The failure of a target is part of the answer.
   */
  async collect(
    request: ScrapeRequest,
    containerNames: readonly string[],
    signal: AbortSignal,
  ): Promise<MergedExposition> {
    const { clock, selfMetrics, admission, sources } = this.#parts;
    const startedMs = clock.nowMs();
    return this.#scrape(request, signal, async (merge, view, scrape) => {
      const isWanted = (name: string): boolean =>
        containerNames.length === 0 || containerNames.includes(name);
      const endpoints = view.endpoints.filter(({ target }) => isWanted(target.containerName));
      const [reports] = await Promise.all([
        this.#gather(merge, endpoints, view, scrape),
        sources.addTo(merge, isWanted, endpoints.length, scrape),
        // In parallel with the targets: whatever is left to do after the deadline makes the answer late.
        this.#addProcess(merge, isWanted, endpoints.length + sources.count, scrape.client),
      ]);
      const typeConflicts = merge.typeConflicts();
      this.#logConflicts(typeConflicts.map(({ family }) => family));
      const report: ScrapeReport = {
        endpoints: reports,
        listed: view.endpoints,
        invalidEndpoints: countInvalid(view.targets.filter(({ containerName }) => isWanted(containerName))),
        isDaemonReachable: view.isDaemonReachable,
        typeConflicts,
      };
      merge.add({
        labels: NO_LABELS,
        contentType: undefined,
        sampleLimit: 0,
        isOwn: true,
        body: await selfMetrics.expose(report, scrape.client),
        rank: endpoints.length + sources.count + 1,
      });
      const merged = releasing(merge.finish(), scrape.leave);
      admission.recordAnswerSize(merged.byteLength);
      selfMetrics.finished({
        durationSeconds: (clock.nowMs() - startedMs) / 1000,
        duplicateSamples: merged.duplicateSamples,
        unrepresentable: merged.unrepresentable,
      });
      return merged;
    });
  }

  /**
   * Scrapes one target, without our own metrics. If one of its endpoints fails, that failure is the answer: without our own
   * metrics there would be no sample that shows it.
   */
  async collectTarget(
    request: ScrapeRequest,
    targetId: string,
    signal: AbortSignal,
  ): Promise<TargetExposition> {
    return this.#scrape<TargetExposition>(request, signal, async (merge, view, scrape) => {
      const endpoints = view.endpoints.filter(({ target }) => target.id === targetId);
      if (endpoints.length === 0) {
        merge.discard();
        scrape.leave();
        return { kind: 'unknown' };
      }
      const reports = await this.#gather(merge, endpoints, view, scrape);
      const failed = reports.find((report) => report.failure !== undefined)?.failure;
      if (failed !== undefined) {
        merge.discard();
        scrape.leave();
        return { kind: 'failed', failure: failed };
      }
      return { kind: 'merged', merged: releasing(merge.finish(), scrape.leave) };
    });
  }

  async #scrape<T>(
    request: ScrapeRequest,
    signal: AbortSignal,
    work: (merge: Merge, view: TargetView, scrape: Scrape) => Promise<T>,
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
        // A body of very short lines must not use up the memory.
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
      ...ranked.filter(({ identified }) => !board.timedOutLastTime(identified)),
      ...ranked.filter(({ identified }) => board.timedOutLastTime(identified)),
    ];
    const reports: EndpointReport[] = [];
    await Promise.all(
      order.map(async ({ identified, rank }) => {
        reports[rank] = await this.#fetchInto(merge, identified, rank, view.isDaemonReachable, scrape);
      }),
    );
    // If the scraper has left, nobody reads the answer, and a fetch that was aborted for that is not the target's failure.
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
    const { target, endpoint } = identified;
    const startedMs = clock.nowMs();
    const common = () => ({ identified, durationSeconds: (clock.nowMs() - startedMs) / 1000 });
    const down = (failed: Failure): EndpointReport => ({
      ...common(),
      failure: failed,
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
      const { via } = outcome;
      const bodyBytes = outcome.body.byteLength;
      const read = this.#addBody(merge, identified, outcome, rank, scrape);
      if (!read.ok) return down(read);
      return { ...common(), failure: undefined, bodyBytes, samples: read.samples, via };
    } catch (error) {
      return down(failure('internal', error instanceof Error ? error.message : String(error)));
    } finally {
      fetched?.body.release();
    }
  }

  /** Adds a body to the merge, unless it is larger than what the scrape's limit leaves. */
  #addBody(
    merge: Merge,
    { target, labels }: IdentifiedEndpoint,
    { body, contentType }: FetchedBody,
    rank: number,
    { room }: Scrape,
  ): SourceReport {
    const { byteLength } = body;
    // A merged body is released, but its lines stay in memory: so the limit counts all bodies of the scrape.
    if (byteLength > room.bytes) {
      return failure('over_budget', `its ${byteLength} bytes are too many beside the other bodies`);
    }
    const sampleLimit = target.options.sampleLimit ?? this.#settings.sampleLimit;
    const read = merge.add({ labels, body, contentType, sampleLimit, rank });
    if (read.ok) room.bytes -= byteLength;
    return read;
  }

  async #addProcess(
    merge: Merge,
    isWanted: (containerName: string) => boolean,
    rank: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (!OWN_IDENTITY.some(({ value }) => isWanted(value))) return;
    // The requests are sent first, so that the targets work on their answers in the meantime.
    await this.#parts.readyWorkDone();
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
  /** Aborts when the budget is used up or the client leaves. */
  readonly signal: AbortSignal;
  /** Aborts only when the client leaves. */
  readonly client: AbortSignal;
  readonly endsMs: number;
  /** Bytes left for further bodies. */
  readonly room: { bytes: number };
  /** Admits another scrape. To be called once the answer has been sent, or if there is none. */
  readonly leave: () => void;
}

function countInvalid(targets: readonly Target[]): number {
  return targets.reduce((sum, { invalidEndpoints }) => sum + invalidEndpoints.length, 0);
}

/** The same exposition, whose release also calls `leave`. */
function releasing(merged: MergedExposition, leave: () => void): MergedExposition {
  return {
    ...merged,
    release: () => {
      merged.release();
      leave();
    },
  };
}
