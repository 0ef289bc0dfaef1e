import { DockerEngine } from '../../../src/adapters/docker/connection/docker-engine.ts';
import { ContainerFacts } from '../../../src/adapters/docker/exec/container-facts.ts';
import { DockerExecMetricsFetcher } from '../../../src/adapters/docker/exec/docker-exec-metrics-fetcher.ts';
import { ExecStarter } from '../../../src/adapters/docker/exec/run/exec-starter.ts';
import { ConcurrencyLimit } from '../../../src/application/fetching/concurrency-limit.ts';
import type { FetchOutcome, FetchRequest, TimeLimit } from '../../../src/domain/fetching/metrics-fetcher.ts';
import { aTarget } from '../targets.ts';
import { MemoryBodyStore } from './memory-body-store.ts';
import { recordedContainer, ScriptedEngine } from './scripted-engine.ts';
import type { ExecProgram } from './scripted-exec.ts';

/** The container that the fetches are made in. */
export const FETCHED_ID = recordedContainer('alone').Id;

/** A runtime's error about a program that an image doesn't have. */
export const MISSING_PROGRAM =
  'OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown\r\n';

/** How a program ends. */
export interface Ended {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

export function anExecRequest(facts: Partial<FetchRequest> = {}): FetchRequest {
  return {
    target: aTarget({ id: FETCHED_ID }),
    endpoint: { port: 9100, path: '/metrics' },
    timeoutMs: 2000,
    maxBodyBytes: 1000,
    isDaemonReachable: true,
    ...facts,
  };
}

/** A time limit that no waiting shortens, so that a command is the same on a busy machine. */
export function fixedLimit(leftMs: number): TimeLimit {
  return { leftMs: () => leftMs, standStill: (wait) => wait() };
}

/** The fetcher in front of a scripted engine. */
export class ExecFetchBench implements AsyncDisposable {
  readonly engine: ScriptedEngine;
  readonly bodies = new MemoryBodyStore();
  readonly fetcher: DockerExecMetricsFetcher;
  nowMs = 0;

  constructor(engine: ScriptedEngine, concurrency = 8) {
    this.engine = engine;
    const clock = { nowMs: () => performance.now() + this.nowMs, epochMs: () => Date.now() };
    const starter = new ExecStarter(
      new DockerEngine({ host: engine.host }),
      new ConcurrencyLimit(concurrency),
    );
    this.fetcher = new DockerExecMetricsFetcher(starter, this.bodies, clock, new ContainerFacts(clock));
  }

  static async start(run?: ExecProgram, concurrency?: number): Promise<ExecFetchBench> {
    return new ExecFetchBench(await ScriptedEngine.start(run === undefined ? {} : { run }), concurrency);
  }

  async fetch(
    facts: Partial<FetchRequest> = {},
    signal = AbortSignal.timeout(20_000),
  ): Promise<FetchOutcome> {
    return await this.fetcher.fetch(anExecRequest(facts), signal);
  }

  get commands(): (readonly string[])[] {
    return this.engine.execs.map((exec) => exec.command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    expect(this.bodies.held).toBe(0);
  }
}

/** Ends each exec as in the first entry whose text its command contains. */
export function programs(...entries: [string, Ended][]): ExecProgram {
  return (exec) => {
    const [, { stdout = '', stderr = '', exitCode = 0 }] = entries.find(([word]) =>
      `${exec.command.join(' ')}\0`.includes(word),
    )!;
    exec.stdout(stdout).stderr(stderr).end(exitCode);
  };
}

/** The body, given back, or `reason: detail`. */
export function textOf(outcome: FetchOutcome): string {
  if (!outcome.ok) return `${outcome.reason}: ${outcome.detail}`;
  const text = Buffer.from(outcome.body.bytes()).toString('latin1');
  outcome.body.release();
  return text;
}
