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
import { CLIENTS } from './clients/clients.ts';
import type { ClientName } from './clients/exec-client.ts';
import { explainExecError, NO_CLIENT, QUEUED, refused, TIMED_OUT } from './clients/exec-failures.ts';
import { tryHosts } from './clients/try-hosts.ts';
import { readWgetFlavour, WGET_PROBE, type WgetFlavour } from './clients/wget-client.ts';
import type { ContainerFacts } from './container-facts.ts';
import { readToEnd } from './run/exec-output.ts';
import { ExecReply } from './run/exec-reply.ts';
import type { ExecStarter } from './run/exec-starter.ts';

/** One fetch under way, and how long it may still take. */
interface Attempt {
  readonly request: FetchRequest;
  readonly containerId: string;
  readonly limit: TimeLimit;
  readonly signal: AbortSignal;
}

/**
 * Fetches with curl or wget inside the container, by one-shot execs: one per fetch. Docker can't kill an exec, so time and size
 * limits are the client's own, too: it ends by itself soon after we have left.
 */
export class DockerExecMetricsFetcher implements MetricsFetcher {
  readonly #starter: ExecStarter;
  readonly #bodies: BodyStore;
  readonly #clock: Clock;
  readonly #facts: ContainerFacts;

  constructor(starter: ExecStarter, bodies: BodyStore, clock: Clock, facts: ContainerFacts) {
    this.#starter = starter;
    this.#bodies = bodies;
    this.#clock = clock;
    this.#facts = facts;
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
    const { containerId, limit } = attempt;
    const known = this.#facts.client(containerId);
    if (known === 'none') return NO_CLIENT;
    const first = await this.#fetchWith(known ?? 'curl', attempt);
    if (first !== 'missing') return first;
    const flavour = await this.#probeWget(attempt);
    if (typeof flavour !== 'string') return flavour;
    this.#facts.rememberClient(containerId, flavour);
    if (flavour === 'none') return NO_CLIENT;
    if (limit.leftMs() <= 0) return TIMED_OUT;
    const second = await this.#fetchWith(flavour, attempt);
    if (second !== 'missing') return second;
    this.#facts.rememberClient(containerId, 'none');
    return NO_CLIENT;
  }

  async #fetchWith(name: ClientName, attempt: Attempt): Promise<FetchOutcome | 'missing'> {
    const client = CLIENTS[name];
    const { request, limit } = attempt;
    return await tryHosts(client, request, limit, (host) =>
      this.#run(
        attempt,
        () => client.command(request, host, limit.leftMs()),
        (exitCode, reply) => client.conclude(exitCode, reply, request),
      ),
    );
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
