import type { InvalidEndpoint } from '../domain/targets/endpoint.ts';
import type { IdentifiedEndpoint } from '../domain/targets/identity.ts';
import type { FetchMode, Target } from '../domain/targets/target.ts';
import type { KnownTargets } from './known-targets.ts';
import type { EndpointStatus, TargetBoard } from './target-board.ts';

/** One valid endpoint with its last result. */
export interface ListedEndpoint {
  readonly identified: IdentifiedEndpoint;
  /** `unknown`: not scraped yet. */
  readonly state: 'up' | 'down' | 'unknown';
  /** The mode of its own label, else the exporter's. */
  readonly mode: FetchMode;
  readonly last: EndpointStatus | undefined;
}

/** A part of a container's label that is never fetched. */
export interface ListedInvalidEndpoint {
  readonly target: Target;
  readonly endpoint: InvalidEndpoint;
}

/** The targets of this exporter's host. */
export interface TargetList {
  /** By container name, then id. */
  readonly endpoints: readonly ListedEndpoint[];
  readonly invalid: readonly ListedInvalidEndpoint[];
  /** Why the targets can't be listed now; the list is then the last known one. */
  readonly problem: string | undefined;
}

// KnownTargets gives the discovery a quarter of this.
const LIST_BUDGET_MS = 8000;

/** Lists the current targets with their last results, for the targets page and the API. Fetches nothing. */
export class ListTargets {
  readonly #targets: KnownTargets;
  readonly #board: TargetBoard;
  readonly #defaultMode: FetchMode;

  constructor(targets: KnownTargets, board: TargetBoard, defaultMode: FetchMode) {
    this.#targets = targets;
    this.#board = board;
    this.#defaultMode = defaultMode;
  }

  /** Asks the discovery anew. Rejects only with the signal's reason. */
  async list(signal: AbortSignal): Promise<TargetList> {
    const view = await this.#targets.current(LIST_BUDGET_MS, signal);
    return {
      endpoints: view.endpoints.map((identified) => this.#listed(identified)),
      invalid: view.targets.flatMap((target) =>
        target.invalidEndpoints.map((endpoint) => ({ target, endpoint })),
      ),
      problem: view.isDaemonReachable ? undefined : (this.#targets.problem ?? 'not asked yet'),
    };
  }

  /**
   * The id of the target that has this id, or whose id begins with these hex digits (at least 12); undefined if there is none or
   * more than one. Rejects only with the signal's reason.
   */
  async findId(text: string, signal: AbortSignal): Promise<string | undefined> {
    const known = uniqueId(this.#targets.last.targets, text);
    if (known !== undefined) return known;
    const { targets } = await this.#targets.current(LIST_BUDGET_MS, signal);
    return uniqueId(targets, text);
  }

  #listed(identified: IdentifiedEndpoint): ListedEndpoint {
    const last = this.#board.status(identified);
    return {
      identified,
      state: last === undefined ? 'unknown' : last.report.failure === undefined ? 'up' : 'down',
      mode: identified.target.options.fetchMode ?? this.#defaultMode,
      last,
    };
  }
}

function uniqueId(targets: readonly Target[], text: string): string | undefined {
  if (targets.some(({ id }) => id === text)) return text;
  if (!/^[0-9a-f]{12,}$/.test(text)) return undefined;
  const matches = targets.filter(({ id }) => id.startsWith(text));
  return matches.length === 1 ? matches[0]?.id : undefined;
}
