import { DockerEngine } from '../../../src/adapters/docker/connection/docker-engine.ts';
import { NO_CLIENT } from '../../../src/adapters/docker/exec/clients/exec-failures.ts';
import { ContainerFacts } from '../../../src/adapters/docker/exec/container-facts.ts';
import { DockerExecSessionMetricsFetcher } from '../../../src/adapters/docker/exec/docker-exec-session-metrics-fetcher.ts';
import { ExecStarter } from '../../../src/adapters/docker/exec/run/exec-starter.ts';
import { ConcurrencyLimit } from '../../../src/application/fetching/concurrency-limit.ts';
import { failure } from '../../../src/domain/fetching/failure.ts';
import type { FetchOutcome, FetchRequest } from '../../../src/domain/fetching/metrics-fetcher.ts';
import { aTarget } from '../targets.ts';
import { MemoryBodyStore } from './memory-body-store.ts';
import { recordedContainer, ScriptedEngine } from './scripted-engine.ts';
import type { ScriptedExec } from './scripted-exec.ts';

const ID = recordedContainer('alone').Id;

/** One request that the session's loop has read. */
export interface Question {
  readonly nonce: string;
  readonly fields: readonly string[];
  readonly place: string;
  readonly exec: ScriptedExec;
}

/** Plays the loop's part for one request. */
export type Answerer = (question: Question) => void;

export const HANG = { endpoint: { port: 9100, path: '/hang' } };

/** Writes a complete answer as the loop does. */
export function answer({ exec, nonce }: Question, body: string, exitCode = 0, stderr = ''): void {
  exec.stderr(`${stderr}${nonce}\n`).stdout(`${body}\n200 ${body.length} text/plain\n${nonce}=${exitCode}\n`);
}

/** The session fetcher in front of a scripted engine whose execs behave like the loop. */
export class SessionBench implements AsyncDisposable {
  readonly engine: ScriptedEngine;
  readonly bodies = new MemoryBodyStore();
  readonly fetcher: DockerExecSessionMetricsFetcher;
  readonly oneShotFetches: FetchRequest[] = [];
  readonly questions: Question[] = [];
  greeting = 'curl\n';
  aheadMs = 0;

  private constructor(engine: ScriptedEngine, answerer: Answerer) {
    this.engine = engine;
    engine.run = (exec) => this.#loop(exec, answerer);
    const clock = { nowMs: () => performance.now() + this.aheadMs, epochMs: () => Date.now() };
    const starter = new ExecStarter(new DockerEngine({ host: engine.host }), new ConcurrencyLimit(8));
    const facts = new ContainerFacts(clock);
    const oneShot = {
      fetch: (request: FetchRequest): Promise<FetchOutcome> => {
        this.oneShotFetches.push(request);
        const hasClient = facts.client(ID) !== 'none';
        return Promise.resolve(hasClient ? failure('internal', 'one-shot') : NO_CLIENT);
      },
    };
    this.fetcher = new DockerExecSessionMetricsFetcher(starter, this.bodies, clock, facts, oneShot);
  }

  static async start(answerer: Answerer = (question) => answer(question, 'up 1\n')): Promise<SessionBench> {
    return new SessionBench(await ScriptedEngine.start(), answerer);
  }

  async fetch(facts: Partial<FetchRequest> = {}, ms = 20_000): Promise<string> {
    const request: FetchRequest = {
      target: aTarget({ id: ID }),
      endpoint: { port: 9100, path: '/metrics' },
      timeoutMs: 2000,
      maxBodyBytes: 100_000,
      isDaemonReachable: true,
      ...facts,
    };
    const outcome = await this.fetcher.fetch(request, AbortSignal.timeout(ms));
    if (!outcome.ok) return `${outcome.reason}: ${outcome.detail}`;
    const text = Buffer.from(outcome.body.bytes()).toString('latin1');
    outcome.body.release();
    return text;
  }

  /** Leaves a request in flight that gets no answer. */
  async leaveHanging(): Promise<void> {
    expect(await this.fetch()).toBe('up 1\n');
    expect(await this.fetch(HANG, 50)).toMatch(/^timeout: /);
  }

  #loop(exec: ScriptedExec, answerer: Answerer): void {
    if (this.greeting !== '') exec.stdout(this.greeting);
    let lines: string[] = [];
    exec.onLine((line) => {
      lines.push(line);
      if (lines.length < 6) return;
      const question = { nonce: lines[0]!, fields: lines.slice(1), place: lines[5]!, exec };
      this.questions.push(question);
      lines = [];
      answerer(question);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fetcher[Symbol.asyncDispose]();
    await this.engine[Symbol.asyncDispose]();
    expect(this.bodies.held).toBe(0);
  }
}

/** Never answers this path: the session is stuck then. */
export function hangAt(path: string): Answerer {
  return (question) => {
    if (question.place.endsWith(path)) question.exec.isStuck = true;
    else answer(question, 'up 1\n');
  };
}
