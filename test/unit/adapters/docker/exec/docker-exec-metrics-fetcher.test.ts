import { TimeLimitedMetricsFetcher } from '../../../../../src/application/fetching/time-limited-metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../../src/domain/targets/target.ts';
import {
  anExecRequest,
  ExecFetchBench,
  FETCHED_ID,
  programs,
  textOf,
} from '../../../../support/docker/exec-fetch-harness.ts';
import { recordedContainer } from '../../../../support/docker/scripted-engine.ts';
import { NEVER, realClock } from '../../../../support/fakes.ts';
import { aTarget } from '../../../../support/targets.ts';
import { latenessAfter, until } from '../../../../support/until.ts';

describe('the daemon', () => {
  it.each([
    [
      'exec_create',
      { kind: 'answer', status: 500, message: 'broken' },
      /^exec_failed: .*answered 500: "broken"/,
    ],
    [
      'exec_start',
      { kind: 'answer', status: 409, message: 'Container x is paused' },
      /^exec_failed: .*is paused/,
    ],
    ['exec_create', { kind: 'answer', status: 403, message: 'no' }, /^exec_failed: a socket proxy .*refused/],
    ['exec_create', { kind: 'reset' }, /^docker_unavailable: /],
    ['exec_start', { kind: 'reset' }, /^docker_unavailable: /],
    ['exec_inspect', { kind: 'reset' }, /^docker_unavailable: /],
  ] as const)('%s: %j', async (operation, misbehaviour, expected) => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
    bench.engine.always(operation, misbehaviour);
    expect(textOf(await bench.fetch())).toMatch(expected);
  });

  it.each(['exec_create', 'exec_start', 'exec_inspect'] as const)(
    'frozen at %s: timeout',
    async (operation) => {
      await using bench = await ExecFetchBench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
      bench.engine.always(operation, { kind: 'freeze' });
      const fetched = bench.fetch({}, AbortSignal.timeout(100));
      expect(await latenessAfter(100, fetched)).toBeLessThan(1000);
      expect(textOf(await fetched)).toBe('timeout: no answer in time');
    },
  );

  it('a stream that never ends: timeout, and the connection is gone', async () => {
    await using bench = await ExecFetchBench.start((exec) => exec.stdout('a 1\n'));
    expect(textOf(await bench.fetch({}, AbortSignal.timeout(100)))).toMatch(/^timeout/);
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
  });

  it('stopped in the middle of a body: docker_unavailable', async () => {
    await using bench = await ExecFetchBench.start((exec) => {
      exec.stdout('a 1\n');
      setTimeout(() => void bench.engine.stop(), 20);
    });
    expect(textOf(await bench.fetch())).toMatch(/^docker_unavailable/);
  });

  it('is asked again for an exit code that it does not know yet', async () => {
    await using bench = await ExecFetchBench.start((exec) => {
      exec.stdout('a 1\n\n200 4 ').connection!.end();
      setTimeout(() => (exec.exitCode = 0), 30);
    });
    expect(textOf(await bench.fetch())).toBe('a 1\n');
  });

  it('known not to answer: nothing is asked', async () => {
    await using bench = await ExecFetchBench.start();
    expect(textOf(await bench.fetch({ isDaemonReachable: false }))).toMatch(/^docker_unavailable/);
    expect(bench.engine.requests).toEqual([]);
  });

  it('a paused container', async () => {
    await using bench = await ExecFetchBench.start();
    const target = aTarget({ id: recordedContainer('sidecar').Id });
    expect(textOf(await bench.fetch({ target }))).toMatch(/^exec_failed: .*is paused/);
  });

  it('a removed container', async () => {
    await using bench = await ExecFetchBench.start();
    expect(textOf(await bench.fetch({ target: aTarget() }))).toMatch(/^exec_failed: .*No such container/);
  });

  it('a target that is no container', async () => {
    await using bench = await ExecFetchBench.start();
    expect(textOf(await bench.fetch({ target: aTarget({ attributes: {} }) }))).toMatch(
      /^exec_failed: .*http mode/,
    );
  });

  it('keeps no connection after a fetch', async () => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
    for (let i = 0; i < 5; i++) textOf(await bench.fetch());
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
  });
});

describe('starting', () => {
  it('waits for a slot, and is queued if it gets none', async () => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]), 1);
    bench.engine.once('exec_create', { kind: 'freeze' });
    const hung = bench.fetch({}, AbortSignal.timeout(400));
    const second = bench.fetch({}, AbortSignal.timeout(100));
    expect(textOf(await second)).toMatch(/^queued: /);
    expect(textOf(await hung)).toMatch(/^timeout/);
    expect(textOf(await bench.fetch())).toBe('a 1\n');
  });

  it('does not count waiting for a slot as time of the target', async () => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]), 1);
    bench.engine.once('exec_create', { kind: 'freeze' });
    const limited = new TimeLimitedMetricsFetcher(bench.fetcher, 900, realClock);
    const hung = limited.fetch(anExecRequest(), NEVER);
    const target = aTarget({ id: FETCHED_ID, options: { ...DEFAULT_TARGET_OPTIONS, timeoutMs: 800 } });
    expect(textOf(await limited.fetch(anExecRequest({ target }), NEVER))).toBe('a 1\n');
    expect(bench.commands[0]!.join(' ')).toMatch(/--max-time 0\.(?:[0-7]\d\d|800) /);
    expect(textOf(await hung)).toMatch(/^timeout/);
  });

  it('holds its slot until the exec is started, not until it has ended', async () => {
    await using bench = await ExecFetchBench.start((exec) => {
      if (bench.engine.execs.length > 1) exec.stdout('a 1\n\n200 4 ').end();
    }, 1);
    const hung = bench.fetch({}, AbortSignal.timeout(300));
    expect(textOf(await bench.fetch())).toBe('a 1\n');
    expect(textOf(await hung)).toMatch(/^timeout/);
  });

  it('holds its slot for a second at most', async () => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]), 1);
    bench.engine.once('exec_start', { kind: 'freeze' });
    const startedMs = performance.now();
    const hanging = new AbortController();
    const hung = bench.fetch({}, hanging.signal);
    expect(textOf(await bench.fetch())).toBe('a 1\n');
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    hanging.abort();
    expect(textOf(await hung)).toMatch(/^timeout/);
  });
});
