import { limitOf } from '../../../application/fetching/time-limit.ts';
import type { BodyStore } from '../../../domain/fetching/body.ts';
import type { Clock } from '../../../domain/clock.ts';
import type {
  FetchOutcome,
  FetchRequest,
  MetricsFetcher,
  TimeLimit,
} from '../../../domain/fetching/metrics-fetcher.ts';
import { tlsOf } from '../../../domain/targets/target.ts';
import { CLIENTS } from './clients/clients.ts';
import type { ExecClient } from './clients/exec-client.ts';
import { explainExecError, NO_CLIENT, refused } from './clients/exec-failures.ts';
import { tryHosts } from './clients/try-hosts.ts';
import type { ContainerFacts } from './container-facts.ts';
import { ExecReply } from './run/exec-reply.ts';
import type { ExecStarter } from './run/exec-starter.ts';
import { ContainerSession } from './session/container-session.ts';
import { ExecSession } from './session/exec-session.ts';

/** One fetch under way. */
interface Attempt {
  readonly request: FetchRequest;
  readonly containerId: string;
  readonly limit: TimeLimit;
  readonly signal: AbortSignal;
}

/** How a fetch through a session ended; undefined: no session can make it, so it needs a one-shot exec. */
type SessionOutcome = FetchOutcome | undefined;

const CLOSING_MS = 500;

/**
 * Fetches through one long-lived exec per container: a shell that runs curl or wget for each request (see session-script).
 * A one-shot exec is used where a session can't be: no shell in the image, the session broken, or busy for longer.
 */
export class DockerExecSessionMetricsFetcher implements MetricsFetcher, AsyncDisposable {
  readonly #starter: ExecStarter;
  readonly #bodies: BodyStore;
  readonly #clock: Clock;
  readonly #facts: ContainerFacts;
  readonly #oneShot: MetricsFetcher;
  readonly #sessions = new Map<string, ContainerSession>();

  /** `oneShot` shares the facts: it answers for containers without a client. */
  constructor(
    starter: ExecStarter,
    bodies: BodyStore,
    clock: Clock,
    facts: ContainerFacts,
    oneShot: MetricsFetcher,
  ) {
    this.#starter = starter;
    this.#bodies = bodies;
    this.#clock = clock;
    this.#facts = facts;
    this.#oneShot = oneShot;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const containerId = request.target.attributes.containerId;
    if (containerId === undefined || !request.isDaemonReachable || !this.#facts.canHoldSession(containerId)) {
      return this.#oneShot.fetch(request, signal);
    }
    const limit = limitOf(request, this.#clock);
    try {
      const outcome = await this.#fetchInTurn({ request, containerId, limit, signal });
      if (outcome !== undefined) return outcome;
    } catch (error) {
      return explainExecError(error, signal);
    }
    return await this.#oneShot.fetch({ ...request, timeoutMs: limit.leftMs() }, signal);
  }

  /** Ends all sessions, within half a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = [...this.#sessions.values()].flatMap(({ open }) => open);
    this.#sessions.clear();
    for (const session of sessions) session.close();
    const timer = setTimeout(() => sessions.forEach((session) => session.destroy()), CLOSING_MS);
    await Promise.all(sessions.map((session) => session.ended));
    clearTimeout(timer);
  }

  async #fetchInTurn(attempt: Attempt): Promise<SessionOutcome> {
    const { containerId, request, signal } = attempt;
    const own = this.#sessionOf(containerId);
    try {
      return await own.inTurn(() => this.#fetchThrough(own, attempt), request.timeoutMs, signal);
    } finally {
      this.#forgetUnused(containerId, own);
    }
  }

  async #fetchThrough(own: ContainerSession, attempt: Attempt): Promise<SessionOutcome> {
    const { request, containerId, limit, signal } = attempt;
    const session = await own.ready(limit, signal);
    if (!(session instanceof ExecSession)) return session;
    const greeting = await session.greeting(signal);
    if (typeof greeting === 'object') return greeting;
    if (greeting === 'no_shell') {
      this.#facts.rememberNoSession(containerId);
      return undefined;
    }
    if (greeting === 'none') {
      session.close();
      this.#facts.rememberNoSession(containerId);
      this.#facts.rememberClient(containerId, 'none');
      return NO_CLIENT;
    }
    const client = CLIENTS[greeting];
    return await tryHosts(client, request, limit, (host) => this.#ask(session, client, attempt, host));
  }

  async #ask(
    session: ExecSession,
    client: ExecClient,
    { request, containerId, limit, signal }: Attempt,
    host: string,
  ): Promise<SessionOutcome | 'refused'> {
    const { target, endpoint, maxBodyBytes } = request;
    const reply = new ExecReply(this.#bodies.open(maxBodyBytes), () => session.destroy());
    try {
      const question = {
        seconds: client.seconds(limit.leftMs()),
        maxBodyBytes,
        scheme: target.options.scheme,
        isInsecure: tlsOf(target.options) === 'unverified',
        place: `${host}:${endpoint.port}${endpoint.path}`,
      };
      const exitCode = await session.ask(question, reply, signal);
      if (reply.refusal !== undefined) return refused(reply.refusal, request);
      if (exitCode === 'broken') {
        if (!session.hasAnswered) this.#facts.rememberNoSession(containerId);
        return undefined;
      }
      const conclusion = client.conclude(exitCode, reply, request);
      if (conclusion !== 'missing') return conclusion;
      // The client that it greeted with is gone, or can't be run.
      session.close();
      this.#facts.rememberNoSession(containerId);
      return undefined;
    } finally {
      reply.discard();
    }
  }

  #sessionOf(containerId: string): ContainerSession {
    const known = this.#sessions.get(containerId);
    if (known !== undefined) return known;
    const onEnded = (): void => this.#forgetUnused(containerId, own);
    const own = new ContainerSession(this.#starter, this.#clock, containerId, onEnded);
    this.#sessions.set(containerId, own);
    return own;
  }

  /** Forgets a container that has no session, as one that is gone. */
  #forgetUnused(containerId: string, own: ContainerSession): void {
    if (own.isUnused && this.#sessions.get(containerId) === own) this.#sessions.delete(containerId);
  }
}
