import { ConcurrencyLimit } from '../../../../application/fetching/concurrency-limit.ts';
import type { Clock } from '../../../../domain/clock.ts';
import { failure, type Failure } from '../../../../domain/fetching/failure.ts';
import type { TimeLimit } from '../../../../domain/fetching/metrics-fetcher.ts';
import { QUEUED } from '../clients/exec-failures.ts';
import type { ExecStarter } from '../run/exec-starter.ts';
import { ExecSession } from './exec-session.ts';

const WAIT_FOR_TURN_MS = 500;
const MINUTE_MS = 60_000;

/** The session of one container, which is started, renewed and replaced as needed, and used by one fetch at a time. */
export class ContainerSession {
  readonly #starter: ExecStarter;
  readonly #clock: Clock;
  readonly #containerId: string;
  readonly #onEnded: () => void;
  readonly #turn = new ConcurrencyLimit(1);
  #users = 0;
  #session: ExecSession | undefined;
  /** A stuck session that was replaced: its stdin is closed, its end is awaited. */
  #abandoned: { readonly session: ExecSession; readonly sinceMs: number } | undefined;

  /** `onEnded`: a session has ended, so that there may be nothing left. */
  constructor(starter: ExecStarter, clock: Clock, containerId: string, onEnded: () => void) {
    this.#starter = starter;
    this.#clock = clock;
    this.#containerId = containerId;
    this.#onEnded = onEnded;
  }

  /** Nobody uses it, and no session is open. */
  get isUnused(): boolean {
    return this.#users === 0 && this.open.length === 0;
  }

  /** The sessions that have not ended. */
  get open(): readonly ExecSession[] {
    return [this.#session, this.#abandoned?.session]
      .filter((session) => session !== undefined)
      .filter(({ isOpen }) => isOpen);
  }

  /**
   * Runs the action when it is its turn, and resolves with its result; undefined: the turn did not come soon. Most answers
   * take milliseconds: waiting for one is cheaper than an exec. Rejects with the signal's reason.
   */
  async inTurn<T>(action: () => Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T | undefined> {
    this.#users++;
    try {
      const leave = await this.#enter(timeoutMs, signal);
      if (leave === undefined) return undefined;
      try {
        return await action();
      } finally {
        leave();
      }
    } finally {
      this.#users--;
    }
  }

  /**
   * A session that is open and free, started if need be; undefined: it still has a request in flight that was given up.
   * Rejects with DockerRequestError, or with the signal's reason.
   */
  async ready(limit: TimeLimit, signal: AbortSignal): Promise<ExecSession | Failure | undefined> {
    const session = this.#session;
    if (session?.isOpen !== true) return await this.#start(limit, signal);
    if (session.isStuck) return this.#abandon(session) ?? (await this.#start(limit, signal));
    if (session.isBusy) return undefined;
    if (this.#clock.nowMs() - session.startedMs < renewalAgeMs(this.#containerId)) return session;
    session.close();
    return await this.#start(limit, signal);
  }

  async #enter(timeoutMs: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    // A whole number, or it throws.
    const patience = AbortSignal.timeout(Math.ceil(Math.min(WAIT_FOR_TURN_MS, timeoutMs / 4)));
    try {
      return await this.#turn.enter(AbortSignal.any([signal, patience]));
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  async #start(limit: TimeLimit, signal: AbortSignal): Promise<ExecSession | Failure> {
    this.#session = undefined;
    const session = await ExecSession.start(this.#starter, this.#clock, this.#containerId, signal, limit);
    if (session === 'queued') return QUEUED;
    this.#session = session;
    void session.ended.then(this.#onEnded);
    return session;
  }

  /** A container that is paused or gets no CPU: one session is given up for it; then only waiting helps. */
  #abandon(session: ExecSession): Failure | undefined {
    const nowMs = this.#clock.nowMs();
    const abandoned = this.#abandoned;
    if (abandoned?.session.isOpen === true && nowMs - abandoned.sinceMs < 10 * MINUTE_MS) {
      return failure('exec_failed', 'two exec sessions are stuck in this container: waiting for one to end');
    }
    abandoned?.session.destroy();
    this.#abandoned = { session, sinceMs: nowMs };
    session.close();
    return undefined;
  }
}

/** Between 45 and 55 minutes, so that not all sessions of a host are renewed in one scrape. */
function renewalAgeMs(containerId: string): number {
  return (45 + (parseInt(containerId.slice(0, 8), 16) % 1000) / 100) * MINUTE_MS;
}
