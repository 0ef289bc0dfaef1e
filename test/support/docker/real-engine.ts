import Docker from 'dockerode';
import { DockerEngine } from '../../../src/adapters/docker/connection/docker-engine.ts';
import { ContainerFacts } from '../../../src/adapters/docker/exec/container-facts.ts';
import { DockerExecMetricsFetcher } from '../../../src/adapters/docker/exec/docker-exec-metrics-fetcher.ts';
import { DockerExecSessionMetricsFetcher } from '../../../src/adapters/docker/exec/docker-exec-session-metrics-fetcher.ts';
import { DockerTargetDiscovery } from '../../../src/adapters/docker/discovery/docker-target-discovery.ts';
import { ExecStarter } from '../../../src/adapters/docker/exec/run/exec-starter.ts';
import { ConcurrencyLimit } from '../../../src/application/fetching/concurrency-limit.ts';
import type { FetchRequest } from '../../../src/domain/fetching/metrics-fetcher.ts';
import type { Target } from '../../../src/domain/targets/target.ts';
import { aTarget } from '../targets.ts';
import { until } from '../until.ts';
import { MemoryBodyStore } from './memory-body-store.ts';

export type ExecTechnique = 'exec' | 'session';
export const EXEC_TECHNIQUES: readonly ExecTechnique[] = ['exec', 'session'];

export const CLOCK = { nowMs: (): number => performance.now(), epochMs: (): number => Date.now() };

/** The engine that the integration tests use, or the one that is named. */
export function realEngine(host = process.env['DOCKER_HOST']): DockerEngine {
  return new DockerEngine({ host });
}

/** One technique of fetching from real containers. */
export class RealFetcher implements AsyncDisposable {
  readonly bodies = new MemoryBodyStore();
  readonly #fetcher: DockerExecMetricsFetcher | DockerExecSessionMetricsFetcher;

  constructor(technique: ExecTechnique, engine = realEngine()) {
    const starter = new ExecStarter(engine, new ConcurrencyLimit(8));
    const facts = new ContainerFacts(CLOCK);
    const oneShot = new DockerExecMetricsFetcher(starter, this.bodies, CLOCK, facts);
    this.#fetcher =
      technique === 'exec'
        ? oneShot
        : new DockerExecSessionMetricsFetcher(starter, this.bodies, CLOCK, facts, oneShot);
  }

  /** The body as text (latin1), or `reason: detail`. `where`: PORT/path. */
  async fetch(containerId: string, where: string, facts: Partial<FetchRequest> = {}): Promise<string> {
    const slash = where.indexOf('/');
    const timeoutMs = facts.timeoutMs ?? 10_000;
    const outcome = await this.#fetcher.fetch(
      {
        target: aTarget({ id: containerId }),
        endpoint: { port: Number(where.slice(0, slash)), path: where.slice(slash) },
        timeoutMs,
        maxBodyBytes: 1024 * 1024,
        isDaemonReachable: true,
        ...facts,
      },
      AbortSignal.timeout(timeoutMs),
    );
    if (!outcome.ok) return `${outcome.reason}: ${outcome.detail}`;
    const text = Buffer.from(outcome.body.bytes()).toString('latin1');
    outcome.body.release();
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fetcher instanceof DockerExecSessionMetricsFetcher) await this.#fetcher[Symbol.asyncDispose]();
  }
}

/** The targets that carry this label, as we discover them. */
export async function discoverReal(
  metricsLabel: string,
  engine = realEngine(),
  hostNetworkAddress?: string,
): Promise<readonly Target[]> {
  const discovery = new DockerTargetDiscovery(engine, {
    metricsLabel,
    containerNameLabel: 'com.amazonaws.ecs.container-name',
    hostNetworkAddress,
    ownContainer: { isContainer: true, ids: [], certainId: undefined },
  });
  return await discovery.discover(AbortSignal.timeout(10_000));
}

/** Command lines in the container, but for its first process; defunct ones in brackets. */
export async function processesIn(containerId: string): Promise<string[]> {
  const container = new Docker().getContainer(containerId);
  const { State } = await container.inspect();
  const { Processes } = (await container.top({ ps_args: '-eo pid,args' })) as { Processes: string[][] };
  return Processes.filter(([pid]) => Number(pid) !== State.Pid).map((columns) => columns.slice(1).join(' '));
}

/** Resolves once nothing but the first process runs in the container; throws with what does after so long: see `until`. */
export async function untilAlone(containerId: string, withinMs: number): Promise<void> {
  let processes: readonly string[] = [];
  await until(
    async () => (processes = await processesIn(containerId)).length === 0,
    () => `still in the container: ${processes.join(' | ')}`,
    withinMs,
  );
}
