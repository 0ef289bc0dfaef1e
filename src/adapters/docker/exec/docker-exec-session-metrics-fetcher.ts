import { ConcurrencyLimit } from '../../../application/fetching/concurrency-limit.ts';
import { limitOf } from '../../../application/fetching/time-limit.ts';
import type { BodyStore } from '../../../domain/fetching/body.ts';
import type { Clock } from '../../../domain/clock.ts';
import { failure, type Failure } from '../../../domain/fetching/failure.ts';
import type {
  FetchOutcome,
  FetchRequest,
  MetricsFetcher,
  TimeLimit,
} from '../../../domain/fetching/metrics-fetcher.ts';
import { concludeCurl, curlSeconds } from './clients/curl-client.ts';
import { explainExecError, NO_CLIENT, QUEUED, refused } from './clients/exec-client.ts';
import { ExecReply } from './run/exec-reply.ts';
import { ExecSession } from './session/exec-session.ts';
import type { ExecStarter } from './run/exec-starter.ts';
import { ExpiringMemory } from './container-facts.ts';
import {
  CANNOT_VERIFY,
  canVerify,
  concludeWget,
  nothingListens,
  WGET_HOSTS,
  wgetSeconds,
} from './clients/wget-client.ts';

/** What is kept of one container. */
interface Slot {
  readonly turn: ConcurrencyLimit;
  users: number;
  session: ExecSession | undefined;
  /** A stuck session that was replaced: its stdin is closed, its end is awaited. */
  abandoned: { readonly session: ExecSession; readonly sinceMs: number } | undefined;
}

/** One fetch under way. */
interface Attempt {
  readonly request: FetchRequest;
  readonly containerId: string;
  readonly limit: TimeLimit;
  readonly signal: AbortSignal;
}

/** To be fetched by an exec of its own. */
const PLAIN = 'plain';

const WAIT_FOR_TURN_MS = 500;
const CLOSING_MS = 500;
const MINUTE_MS = 60_000;

/**
 * Fetches through one long-lived exec per container: a shell that runs curl or wget for each request (see session-script).
 * An exec of its own is used where a session can't be: no shell in the image, the session broken, or busy for longer.
 */
export class DockerExecSessionMetricsFetcher implements MetricsFetcher, AsyncDisposable {
  readonly #starter: ExecStarter;
  readonly #bodies: BodyStore;
  readonly #clock: Clock;
  readonly #plain: MetricsFetcher;
  readonly #slots = new Map<string, Slot>();
  readonly #cannot: ExpiringMemory<'have_session' | 'fetch'>;

  constructor(starter: ExecStarter, bodies: BodyStore, clock: Clock, plain: MetricsFetcher) {
    this.#starter = starter;
    this.#bodies = bodies;
    this.#clock = clock;
    this.#plain = plain;
    this.#cannot = new ExpiringMemory(clock, 10 * MINUTE_MS);
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const containerId = request.target.attributes.containerId;
    if (containerId === undefined || !request.isDaemonReachable) return this.#plain.fetch(request, signal);
    const cannot = this.#cannot.recall(containerId);
    if (cannot === 'fetch') return NO_CLIENT;
    if (cannot === 'have_session') return this.#plain.fetch(request, signal);
    const limit = limitOf(request, this.#clock);
    const attempt = { request, containerId, limit, signal };
    try {
      const outcome = await this.#fetchInTurn(attempt);
      if (outcome !== PLAIN) return outcome;
    } catch (error) {
      return explainExecError(error, signal);
    }
    return await this.#plain.fetch({ ...request, timeoutMs: limit.leftMs() }, signal);
  }

  /** Ends all sessions, within half a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = [...this.#slots.values()]
      .flatMap(({ session, abandoned }) => [session, abandoned?.session])
      .filter((session) => session !== undefined);
    this.#slots.clear();
    for (const session of sessions) session.close();
    const timer = setTimeout(() => sessions.forEach((session) => session.destroy()), CLOSING_MS);
    await Promise.all(sessions.map((session) => session.ended));
    clearTimeout(timer);
  }

  async #fetchInTurn(attempt: Attempt): Promise<FetchOutcome | typeof PLAIN> {
    const slot = this.#slotOf(attempt.containerId);
    slot.users++;
    try {
      const leave = await this.#turnAt(slot, attempt);
      if (leave === undefined) return PLAIN;
      try {
        const session = await this.#sessionOf(slot, attempt);
        return session instanceof ExecSession ? await this.#fetchThrough(session, attempt) : session;
      } finally {
        leave();
      }
    } finally {
      slot.users--;
      this.#tidy(attempt.containerId, slot);
    }
  }

  /** Most answers take milliseconds: waiting for one is cheaper than an exec. */
  async #turnAt(slot: Slot, { request, signal }: Attempt): Promise<(() => void) | undefined> {
    // A whole number, or it throws.
    const patience = AbortSignal.timeout(Math.ceil(Math.min(WAIT_FOR_TURN_MS, request.timeoutMs / 4)));
    try {
      return await slot.turn.enter(AbortSignal.any([signal, patience]));
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  async #sessionOf(slot: Slot, attempt: Attempt): Promise<ExecSession | Failure | typeof PLAIN> {
    const { session } = slot;
    if (session?.isOpen !== true) return await this.#start(slot, attempt);
    if (session.isStuck) {
      return this.#abandon(slot, session) ?? (await this.#start(slot, attempt));
    }
    if (session.isBusy) return PLAIN;
    if (this.#clock.nowMs() - session.startedMs < renewalAgeMs(attempt.containerId)) {
      return await this.#greeted(session, attempt);
    }
    session.close();
    return await this.#start(slot, attempt);
  }

  async #start(slot: Slot, attempt: Attempt): Promise<ExecSession | Failure | typeof PLAIN> {
    const { containerId, limit, signal } = attempt;
    slot.session = undefined;
    const session = await ExecSession.start(this.#starter, this.#clock, containerId, signal, limit);
    if (session === 'queued') return QUEUED;
    slot.session = session;
    void session.ended.then(() => this.#tidy(containerId, slot));
    return await this.#greeted(session, attempt);
  }

  async #greeted(
    session: ExecSession,
    { containerId, signal }: Attempt,
  ): Promise<ExecSession | Failure | typeof PLAIN> {
    const greeting = await session.greeting(signal);
    if (typeof greeting === 'object') return greeting;
    if (greeting === 'no_shell') {
      this.#cannot.remember(containerId, 'have_session');
      return PLAIN;
    }
    if (greeting !== 'none') return session;
    session.close();
    this.#cannot.remember(containerId, 'fetch');
    return NO_CLIENT;
  }

  /** A container that is paused or gets no CPU: one session is given up for it; then only waiting helps. */
  #abandon(slot: Slot, session: ExecSession): Failure | undefined {
    const { abandoned } = slot;
    const nowMs = this.#clock.nowMs();
    if (abandoned?.session.isOpen === true && nowMs - abandoned.sinceMs < 10 * MINUTE_MS) {
      return failure('exec_failed', 'two exec sessions are stuck in this container: waiting for one to end');
    }
    abandoned?.session.destroy();
    slot.abandoned = { session, sinceMs: nowMs };
    session.close();
    return undefined;
  }

  async #fetchThrough(session: ExecSession, attempt: Attempt): Promise<FetchOutcome | typeof PLAIN> {
    const client = await session.greeting(attempt.signal);
    if (client === 'curl') return await this.#ask(session, attempt, 'localhost', concludeCurl, curlSeconds);
    if (client !== 'gnu' && client !== 'busybox') return PLAIN;
    if (!canVerify(client, attempt.request)) return CANNOT_VERIFY;
    for (const host of WGET_HOSTS) {
      const outcome = await this.#ask(session, attempt, host, concludeWget, wgetSeconds);
      if (outcome !== 'refused') return outcome;
    }
    return nothingListens(attempt.request);
  }

  async #ask<T>(
    session: ExecSession,
    attempt: Attempt,
    host: string,
    conclude: (exitCode: number, reply: ExecReply, request: FetchRequest) => T | 'missing',
    seconds: (timeoutMs: number) => string,
  ): Promise<T | Failure | typeof PLAIN> {
    const { request, containerId, limit, signal } = attempt;
    const { target, endpoint, maxBodyBytes } = request;
    const reply = new ExecReply(this.#bodies.open(maxBodyBytes), () => session.destroy());
    try {
      const question = {
        seconds: seconds(limit.leftMs()),
        maxBodyBytes,
        scheme: target.options.scheme,
        isInsecure: target.options.scheme === 'https' && !target.options.verifiesTls,
        place: `${host}:${endpoint.port}${endpoint.path}`,
      };
      const exitCode = await session.ask(question, reply, signal);
      if (reply.refusal !== undefined) return refused(reply.refusal, request);
      if (exitCode !== 'broken') {
        const conclusion = conclude(exitCode, reply, request);
        if (conclusion !== 'missing') return conclusion;
        // The client that it greeted with is gone, or can't be run.
        session.close();
        this.#cannot.remember(containerId, 'have_session');
        return PLAIN;
      }
      if (!session.hasAnswered) this.#cannot.remember(containerId, 'have_session');
      return PLAIN;
    } finally {
      reply.discard();
    }
  }

  #slotOf(containerId: string): Slot {
    const known = this.#slots.get(containerId);
    if (known !== undefined) return known;
    const slot = { turn: new ConcurrencyLimit(1), users: 0, session: undefined, abandoned: undefined };
    this.#slots.set(containerId, slot);
    return slot;
  }

  /** Forgets a container that has no session, as one that is gone. */
  #tidy(containerId: string, slot: Slot): void {
    if (slot.session?.isOpen === false) slot.session = undefined;
    if (slot.abandoned?.session.isOpen === false) slot.abandoned = undefined;
    const isUsed = slot.users > 0 || slot.session !== undefined || slot.abandoned !== undefined;
    if (!isUsed && this.#slots.get(containerId) === slot) this.#slots.delete(containerId);
  }
}

/** Between 45 and 55 minutes, so that not all sessions of a host are renewed in one scrape. */
function renewalAgeMs(containerId: string): number {
  return (45 + (parseInt(containerId.slice(0, 8), 16) % 1000) / 100) * MINUTE_MS;
}
