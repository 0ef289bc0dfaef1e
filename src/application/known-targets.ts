import type { Clock } from '../domain/clock.ts';
import { compareText } from '../domain/compare-text.ts';
import { IdentityRegistry, type IdentifiedEndpoint } from '../domain/targets/identity.ts';
import type { Logger } from '../domain/logger.ts';
import { DiscoveryError, type TargetDiscovery } from '../domain/targets/target-discovery.ts';
import { shortTargetId, type Target } from '../domain/targets/target.ts';
import { deadlineWithin, withoutWaitingFor } from './fetching/deadline.ts';

/** The targets of this host as they were last listed. */
export interface TargetView {
  /** In the order in which they are written: by container name, then id. */
  readonly endpoints: readonly IdentifiedEndpoint[];
  readonly targets: readonly Target[];
  /** False: the discovery doesn't answer now, and the list is the last known one. */
  readonly isDaemonReachable: boolean;
}

// A daemon that hangs must not make a scrape hang.
const MAX_DISCOVERY_MS = 2000;

/** Asks the discovery, gives the targets their identities, and remembers both for the times when the discovery doesn't answer. */
export class KnownTargets {
  readonly #discovery: TargetDiscovery;
  readonly #identities: IdentityRegistry;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #view: TargetView = { endpoints: [], targets: [], isDaemonReachable: false };
  /** The number of the last call to `current`. */
  #lastTurn = 0;
  /** The number of the latest call that got a list. */
  #listedTurn = 0;
  #lastProblem: string | undefined;
  readonly #seenWarnings = new Set<string>();

  constructor(discovery: TargetDiscovery, identities: IdentityRegistry, clock: Clock, logger: Logger) {
    this.#discovery = discovery;
    this.#identities = identities;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Lists the targets within 2 s and a quarter of the budget, whichever is less. Rejects only if the caller's signal aborts. */
  async current(budgetMs: number, signal: AbortSignal): Promise<TargetView> {
    const turn = ++this.#lastTurn;
    const startedMs = this.#clock.nowMs();
    const limitMs = Math.min(MAX_DISCOVERY_MS, budgetMs / 4);
    using deadline = deadlineWithin(limitMs, signal);
    try {
      const targets = await withoutWaitingFor(this.#discovery.discover(deadline.signal), deadline.signal);
      this.#apply(turn, targets);
    } catch (error) {
      signal.throwIfAborted();
      this.#logger.debug('listing the targets failed', {
        durationMs: Math.round(this.#clock.nowMs() - startedMs),
      });
      this.#fail(turn, problemOf(error));
    }
    return this.#view;
  }

  /** The view of the last call to `current`. */
  get last(): TargetView {
    return this.#view;
  }

  /** Why the discovery doesn't answer, in words for an operator; undefined while it answers. */
  get problem(): string | undefined {
    return this.#lastProblem;
  }

  #apply(turn: number, targets: readonly Target[]): void {
    // A list that arrives after that of a later call must not bring stopped containers back: it only shows that the discovery answers.
    const isNews = turn >= this.#listedTurn && !areTheSame(targets, this.#view.targets);
    this.#listedTurn = Math.max(turn, this.#listedTurn);
    if (!isNews) this.#view = { ...this.#view, isDaemonReachable: true };
    else {
      const endpoints = [...this.#identities.identify(targets)].sort(byNameAndId);
      this.#view = { endpoints, targets: [...targets], isDaemonReachable: true };
      this.#warnOnce(targets);
    }
    if (this.#lastProblem !== undefined) {
      this.#logger.info('the source of targets answers again', { targets: targets.length });
      this.#lastProblem = undefined;
    }
  }

  #fail(turn: number, problem: string): void {
    // A later call has got a list already. A failure does not count as one: the list of an earlier call is used if it still arrives.
    if (turn < this.#listedTurn) return;
    this.#view = { ...this.#view, isDaemonReachable: false };
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    this.#logger.error('can not list the targets', { problem });
  }

  #warnOnce(targets: readonly Target[]): void {
    const current = new Set<string>();
    for (const target of targets) {
      const warnings = [
        ...target.invalidEndpoints.map(({ text, reason }) => `endpoint "${text}" ${reason}`),
        ...target.options.warnings,
      ];
      for (const warning of warnings) {
        const key = `${target.id} ${warning}`;
        current.add(key);
        if (this.#seenWarnings.has(key)) continue;
        this.#logger.warn('a label is not understood', {
          containerName: target.containerName,
          containerId: shortTargetId(target.id),
          problem: warning,
        });
      }
    }
    this.#seenWarnings.clear();
    for (const key of current) this.#seenWarnings.add(key);
  }
}

/** Without the time limit, which differs between scrapes: a problem is logged again when its text changes. */
function problemOf(error: unknown): string {
  if (error instanceof DiscoveryError) return error.message;
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return 'the source of targets did not answer in time: it may be frozen or overloaded';
  return error instanceof Error ? error.message : String(error);
}

/** Compares the targets, not the arrays: a discovery may return the same array with other targets. */
function areTheSame(a: readonly Target[], b: readonly Target[]): boolean {
  return a.length === b.length && a.every((target, i) => target === b[i]);
}

function byNameAndId(a: IdentifiedEndpoint, b: IdentifiedEndpoint): number {
  return (
    compareText(a.target.containerName, b.target.containerName) ||
    compareText(a.target.id, b.target.id) ||
    a.endpoint.port - b.endpoint.port ||
    compareText(a.endpoint.path, b.endpoint.path)
  );
}
