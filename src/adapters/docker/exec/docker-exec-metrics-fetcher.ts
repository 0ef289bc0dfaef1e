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
import { concludeCurl, curlCommand } from './clients/curl-client.ts';
import { explainExecError, NO_CLIENT, QUEUED, refused } from './clients/exec-client.ts';
import { ExecReply } from './run/exec-reply.ts';
import type { ExecStarter } from './run/exec-starter.ts';
import { readToEnd } from './run/exec-output.ts';
import { ExpiringMemory } from './container-facts.ts';
import {
  CANNOT_VERIFY,
  canVerify,
  concludeWget,
  nothingListens,
  readWgetFlavour,
  WGET_HOSTS,
  WGET_PROBE,
  wgetCommand,
  type WgetFlavour,
} from './clients/wget-client.ts';

/** One fetch under way: what is asked, and how long it may still take. */
interface Attempt {
  readonly request: FetchRequest;
  readonly containerId: string;
  readonly limit: TimeLimit;
  readonly signal: AbortSignal;
}

const REMEMBERED_MS = 10 * 60_000;

/**
 * Fetches with curl or wget inside the container, one exec per fetch. Docker can't kill an exec, so time and size limits
 * are the client's own, too: it ends by itself soon after we have left.
 */
export class DockerExecMetricsFetcher implements MetricsFetcher {
  readonly #starter: ExecStarter;
  readonly #bodies: BodyStore;
  readonly #clock: Clock;
  /**
   * What a container without curl has instead: an exec of a program that an image doesn't have costs as much as another
   * one, and has leaked memory in the daemon (moby#30311).
   */
  readonly #memory: ExpiringMemory<WgetFlavour | 'none'>;

  constructor(starter: ExecStarter, bodies: BodyStore, clock: Clock) {
    this.#starter = starter;
    this.#bodies = bodies;
    this.#clock = clock;
    this.#memory = new ExpiringMemory(clock, REMEMBERED_MS);
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    const containerId = request.target.attributes.containerId;
    if (containerId === undefined) return failure('exec_failed', 'it is no container: use http mode');
    if (!request.isDaemonReachable) return failure('docker_unavailable', 'the Docker daemon does not answer');
    try {
      const limit = limitOf(request, this.#clock);
      return await this.#fetch({ request, containerId, limit, signal });
    } catch (error) {
      return explainExecError(error, signal);
    }
  }

  async #fetch(attempt: Attempt): Promise<FetchOutcome> {
    const known = this.#memory.recall(attempt.containerId);
    if (known === 'none') return NO_CLIENT;
    const first = await this.#fetchWith(known ?? 'curl', attempt);
    if (first !== 'missing') return first;
    const flavour = await this.#probeWget(attempt);
    if (typeof flavour !== 'string') return flavour;
    this.#memory.remember(attempt.containerId, flavour);
    if (flavour === 'none') return NO_CLIENT;
    const second = await this.#fetchWith(flavour, attempt);
    if (second !== 'missing') return second;
    this.#memory.remember(attempt.containerId, 'none');
    return NO_CLIENT;
  }

  async #fetchWith(client: 'curl' | WgetFlavour, attempt: Attempt): Promise<FetchOutcome | 'missing'> {
    return client === 'curl'
      ? await this.#fetchWithCurl(attempt)
      : await this.#fetchWithWget(client, attempt);
  }

  async #fetchWithCurl(attempt: Attempt): Promise<FetchOutcome | 'missing'> {
    const { request, limit } = attempt;
    return await this.#run(
      attempt,
      () => curlCommand(request, limit.leftMs()),
      (exitCode, reply) => concludeCurl(exitCode, reply, request),
    );
  }

  async #fetchWithWget(flavour: WgetFlavour, attempt: Attempt): Promise<FetchOutcome | 'missing'> {
    const { request, limit } = attempt;
    if (!canVerify(flavour, request)) return CANNOT_VERIFY;
    for (const host of WGET_HOSTS) {
      if (limit.leftMs() <= 0) return failure('timeout', 'no answer in time');
      const outcome = await this.#run(
        attempt,
        () => wgetCommand(flavour, request, host, limit.leftMs()),
        (exitCode, reply) => concludeWget(exitCode, reply, request),
      );
      if (outcome !== 'refused') return outcome;
    }
    return nothingListens(request);
  }

  async #probeWget(attempt: Attempt): Promise<WgetFlavour | 'none' | Failure> {
    return await this.#run(attempt, () => WGET_PROBE, readWgetFlavour);
  }

  async #run<T>(
    { request, containerId, limit, signal }: Attempt,
    command: () => readonly string[],
    conclude: (exitCode: number, reply: ExecReply) => T,
  ): Promise<T | Failure> {
    const exec = await this.#starter.start(
      () => ({ containerId, command: command(), kind: 'fetch' }),
      signal,
      limit,
    );
    if (exec === 'queued') return QUEUED;
    const reply = new ExecReply(this.#bodies.open(request.maxBodyBytes), () => exec.connection.destroy());
    try {
      const end = await readToEnd(exec.connection, reply, signal);
      if (reply.refusal !== undefined) return refused(reply.refusal, request);
      if (end === 'cut') return failure('docker_unavailable', 'the Docker daemon closed the connection');
      return conclude(await exec.exitCode(signal), reply);
    } finally {
      reply.discard();
    }
  }
}
