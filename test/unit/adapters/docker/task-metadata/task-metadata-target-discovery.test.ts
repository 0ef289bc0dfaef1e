import { setTimeout as delay } from 'node:timers/promises';

import { DockerEngine } from '../../../../../src/adapters/docker/connection/docker-engine.ts';
import { ExecStarter } from '../../../../../src/adapters/docker/exec/run/exec-starter.ts';
import { TaskMetadataTargetDiscovery } from '../../../../../src/adapters/docker/task-metadata/task-metadata-target-discovery.ts';
import { ConcurrencyLimit } from '../../../../../src/application/fetching/concurrency-limit.ts';
import type { Target } from '../../../../../src/domain/targets/target.ts';
import { recordedContainer, ScriptedEngine } from '../../../../support/docker/scripted-engine.ts';
import type { ExecProgram } from '../../../../support/docker/scripted-exec.ts';
import { NEVER } from '../../../../support/fakes.ts';
import { aTarget } from '../../../../support/targets.ts';

const TARGET = aTarget({ id: recordedContainer('alone').Id });
const OTHER = aTarget({ id: recordedContainer('on-the-host').Id });

class Bench implements AsyncDisposable {
  readonly engine: ScriptedEngine;
  readonly discovery: TaskMetadataTargetDiscovery;
  targets: readonly Target[] = [TARGET];
  aheadMs = 0;

  readonly places = new ConcurrencyLimit(8);

  private constructor(engine: ScriptedEngine, isIdentity: boolean) {
    this.engine = engine;
    const clock = { nowMs: () => performance.now() + this.aheadMs, epochMs: () => Date.now() };
    const starter = new ExecStarter(new DockerEngine({ host: engine.host }), this.places);
    const inner = { discover: () => Promise.resolve(this.targets) };
    this.discovery = new TaskMetadataTargetDiscovery(inner, starter, clock, isIdentity);
  }

  static async start(run: ExecProgram, isIdentity = false): Promise<Bench> {
    return new Bench(await ScriptedEngine.start({ run }), isIdentity);
  }

  /** Each listed target's service, '-' for none. */
  async services(): Promise<string[]> {
    const targets = await this.discovery.discover(AbortSignal.timeout(20_000));
    return targets.map(({ attributes }) => attributes.service ?? '-');
  }

  /** Lists until the services are these, two seconds at most. */
  async eventually(expected: readonly string[]): Promise<void> {
    for (let i = 0; i < 100; i++) {
      if (JSON.stringify(await this.services()) === JSON.stringify(expected)) return;
      await delay(20);
    }
    expect(await this.services()).toEqual(expected);
  }

  /** Waits until the daemon has been asked about the end of `count` execs. */
  async asked(count: number): Promise<void> {
    const inspected = (): number =>
      this.engine.requests.filter((request) => request.endsWith('/json')).length;
    for (let i = 0; i < 100 && inspected() < count; i++) await delay(20);
    await delay(20);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.discovery[Symbol.dispose]();
    await this.engine[Symbol.asyncDispose]();
  }
}

function answering(stdout: string, exitCode = 0): ExecProgram {
  return (exec) => exec.stdout(stdout).end(exitCode);
}

describe('TaskMetadataTargetDiscovery', () => {
  it('adds the service, asked once per container', async () => {
    await using bench = await Bench.start(answering('{"Cluster":"shop","ServiceName":"checkout"}'));
    await bench.eventually(['checkout']);
    expect(await bench.services()).toEqual(['checkout']);
    expect(bench.engine.execs).toHaveLength(1);
  });

  it('runs a constant script without stdin, and names no address but the agent’s', async () => {
    await using bench = await Bench.start(answering('{}'));
    await bench.services();
    const [exec] = bench.engine.execs;
    expect(exec!.request).toMatchObject({ AttachStdin: false, WorkingDir: '/' });
    expect(exec!.command.join(' ').match(/http:\/\/[^ \n]*/g)).toEqual(['http://169.254.170.2/v4/']);
  });

  it.each([
    ['no service', '{"Cluster":"shop"}', 0],
    ['no JSON', '<html>', 0],
    ['not an object', 'null', 0],
    ['not a name', '{"ServiceName":"a\\nb"}', 0],
    ['not a string', '{"ServiceName":7}', 0],
    ['not on ECS', '', 64],
    ['404', '', 22],
    ['no shell', 'OCI runtime exec failed: executable file not found', 126],
    ['too much', 'x'.repeat(1024 * 1024 + 1), 0],
  ])('%s: the target as it was', async (_case, stdout, exitCode) => {
    await using bench = await Bench.start(answering(stdout, exitCode));
    expect(await bench.services()).toEqual(['-']);
    await delay(50);
    expect(await bench.services()).toEqual(['-']);
    expect(bench.engine.execs).toHaveLength(1);
  });

  it('asks again after a minute where there was no answer, three times at most', async () => {
    await using bench = await Bench.start(answering('', 28));
    for (let i = 1; i <= 5; i++) {
      expect(await bench.services()).toEqual(['-']);
      await bench.asked(Math.min(i, 3));
      bench.aheadMs += 60_000;
    }
    expect(bench.engine.execs).toHaveLength(3);
  });

  it('asks again for a container that came back under a new id', async () => {
    await using bench = await Bench.start(answering('{"ServiceName":"checkout"}'));
    await bench.services();
    bench.targets = [OTHER];
    await bench.eventually(['checkout']);
    expect(bench.engine.execs).toHaveLength(2);
  });

  it('does not keep the list waiting, and has the service in the next one', async () => {
    await using bench = await Bench.start((exec) => {
      setTimeout(() => exec.stdout('{"ServiceName":"checkout"}').end(), 700);
    });
    expect(await bench.services()).toEqual(['-']);
    await bench.eventually(['checkout']);
  });

  it('holds a new target back where the service is part of its identity, for 20 seconds at most', async () => {
    await using bench = await Bench.start(() => undefined, true);
    expect(await bench.services()).toEqual([]);
    bench.aheadMs += 20_000;
    expect(await bench.services()).toEqual(['-']);
  });

  it('does not count waiting for a slot as an answer', async () => {
    await using bench = await Bench.start(answering('{"ServiceName":"checkout"}'), true);
    const leave = await Promise.all(Array.from({ length: 8 }, () => bench.places.enter(NEVER)));
    expect(await bench.services()).toEqual([]);
    await delay(5200);
    expect(await bench.services()).toEqual([]);
    for (const each of leave) each();
    await bench.eventually(['checkout']);
    expect(bench.engine.execs).toHaveLength(1);
  });

  it('asks nothing of a target that is no container', async () => {
    await using bench = await Bench.start(answering('{}'));
    bench.targets = [aTarget({ attributes: {} })];
    expect(await bench.services()).toEqual(['-']);
    expect(bench.engine.execs).toEqual([]);
  });

  it('lists the targets where the daemon refuses the exec', async () => {
    await using bench = await Bench.start(answering('{}'));
    bench.engine.always('exec_create', { kind: 'answer', status: 403, message: 'no' });
    expect(await bench.services()).toEqual(['-']);
  });
});
