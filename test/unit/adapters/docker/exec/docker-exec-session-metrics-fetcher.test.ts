import { setTimeout as delay } from 'node:timers/promises';

import { LOOP_HEADER, TARGET_ACCEPT } from '../../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../../src/domain/targets/target.ts';
import { recordedContainer } from '../../../../support/docker/scripted-engine.ts';
import { answer, HANG, hangAt, SessionBench } from '../../../../support/docker/session-harness.ts';
import { aTarget } from '../../../../support/targets.ts';
import { until } from '../../../../support/until.ts';

const ID = recordedContainer('alone').Id;
const MINUTE_MS = 60_000;

describe('a session', () => {
  it('is one exec for all fetches of a container, of all its endpoints', async () => {
    await using bench = await SessionBench.start(({ place, ...question }) =>
      answer({ place, ...question }, `${place} 1\n`),
    );
    for (const path of ['/a', '/b', '/a']) {
      expect(await bench.fetch({ endpoint: { port: 9100, path } })).toBe(`localhost:9100${path} 1\n`);
    }
    expect(bench.engine.execs).toHaveLength(1);
    expect(bench.oneShotFetches).toEqual([]);
  });

  it('is a constant command with stdin; what is fetched comes as data', async () => {
    await using bench = await SessionBench.start();
    const path = "/x;reboot|$(id)`id`'?collect[]=a&b=%00";
    await bench.fetch({ endpoint: { port: 9100, path } });
    const [exec] = bench.engine.execs;
    expect(exec!.request).toMatchObject({
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      WorkingDir: '/',
    });
    expect(exec!.request).not.toHaveProperty('User');
    expect(exec!.command.slice(0, 2)).toEqual(['sh', '-c']);
    expect(exec!.command).toContain(`Accept: ${TARGET_ACCEPT}`);
    expect(exec!.command).toContain(`${LOOP_HEADER}: 1`);
    expect(exec!.command.join(' ')).not.toContain('reboot');
    const [seconds, ...rest] = bench.questions[0]!.fields;
    expect(Number(seconds)).toBeGreaterThan(1.5);
    expect(Number(seconds)).toBeLessThanOrEqual(2);
    expect(rest).toEqual(['100000', 'http', '', `localhost:9100${path}`]);
  });

  it('accepts any time that a scrape has left, also a fraction of a millisecond', async () => {
    await using bench = await SessionBench.start();
    expect(await bench.fetch({ timeoutMs: 1234.567 })).toBe('up 1\n');
  });

  it('refuses a path that would not stay on its line', async () => {
    await using bench = await SessionBench.start();
    expect(await bench.fetch({ endpoint: { port: 9100, path: '/x\ny' } })).toMatch(/^internal: /);
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.questions).toHaveLength(1);
  });

  it.each([
    [false, 'k'],
    [true, ''],
  ])('https, verified: %s', async (verifiesTls, insecure) => {
    await using bench = await SessionBench.start();
    const options = { ...DEFAULT_TARGET_OPTIONS, scheme: 'https', verifiesTls } as const;
    await bench.fetch({ target: aTarget({ id: ID, options }) });
    expect(bench.questions[0]!.fields.slice(2, 4)).toEqual(['https', insecure]);
  });

  it('has another nonce for each request', async () => {
    await using bench = await SessionBench.start();
    await bench.fetch();
    await bench.fetch();
    const [first, second] = bench.questions.map(({ nonce }) => nonce);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
  });
});

describe('a busy session', () => {
  it('is waited for as long as answers take milliseconds', async () => {
    await using bench = await SessionBench.start(
      (question) => void setTimeout(() => answer(question, 'up 1\n'), 30),
    );
    const all = await Promise.all([bench.fetch(), bench.fetch(HANG), bench.fetch()]);
    expect(all).toEqual(['up 1\n', 'up 1\n', 'up 1\n']);
    expect(bench.engine.execs).toHaveLength(1);
  });

  it('leaves the others to a one-shot exec, with the time that is left', async () => {
    await using bench = await SessionBench.start(hangAt('/hang'));
    const hung = bench.fetch(HANG, 1500);
    expect(await bench.fetch()).toBe('internal: one-shot');
    expect(bench.oneShotFetches[0]!.timeoutMs).toBeLessThanOrEqual(1600);
    expect(bench.oneShotFetches[0]!.timeoutMs).toBeGreaterThan(500);
    expect(await hung).toMatch(/^timeout: /);
  });

  it('that was left is busy until its answer is complete, and nobody gets that answer', async () => {
    await using bench = await SessionBench.start(hangAt('/hang'));
    await bench.leaveHanging();
    expect(await bench.fetch()).toBe('internal: one-shot');
    answer(bench.questions.at(-1)!, 'late 1\n');
    await delay(20);
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(1);
  });
});

describe('a stuck session', () => {
  const OVERDUE_MS = 3001;

  it('is abandoned and replaced', async () => {
    await using bench = await SessionBench.start(hangAt('/hang'));
    await bench.leaveHanging();
    bench.aheadMs += OVERDUE_MS;
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(2);
  });

  it('is one whose shell has not greeted for half a minute, too', async () => {
    await using bench = await SessionBench.start();
    const curl = bench.greeting;
    bench.greeting = '';
    expect(await bench.fetch({}, 50)).toMatch(/^timeout: /);
    bench.greeting = curl;
    bench.aheadMs += 29_000;
    expect(await bench.fetch({}, 50)).toMatch(/^timeout: /);
    bench.aheadMs += 1001;
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(2);
  });

  it('is not replaced while another one is: back off, until one of them ends', async () => {
    await using bench = await SessionBench.start(hangAt('/hang'));
    for (let i = 0; i < 2; i++) {
      await bench.leaveHanging();
      bench.aheadMs += OVERDUE_MS;
    }
    expect(await bench.fetch()).toMatch(/^exec_failed: two exec sessions are stuck/);
    expect(await bench.fetch()).toMatch(/^exec_failed: two exec sessions are stuck/);
    expect(bench.engine.execs).toHaveLength(2);
    bench.engine.execs[0]!.end();
    await delay(20);
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(3);
  });

  it('is tried once more after ten minutes', async () => {
    await using bench = await SessionBench.start(hangAt('/hang'));
    for (let i = 0; i < 2; i++) {
      await bench.leaveHanging();
      bench.aheadMs += OVERDUE_MS;
    }
    bench.aheadMs += 10 * MINUTE_MS;
    expect(await bench.fetch()).toBe('up 1\n');
  });
});

describe('a session that ends', () => {
  it('between fetches (its container was restarted): there is a new one', async () => {
    await using bench = await SessionBench.start();
    await bench.fetch();
    bench.engine.execs[0]!.end(137);
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(2);
  });

  it('during a fetch: that one gets a one-shot exec, the next one a session', async () => {
    await using bench = await SessionBench.start((question) => {
      if (bench.questions.length === 2) question.exec.end(137);
      else answer(question, 'up 1\n');
    });
    expect(await bench.fetch()).toBe('up 1\n');
    expect(await bench.fetch()).toBe('internal: one-shot');
    expect(await bench.fetch()).toBe('up 1\n');
  });

  it('at its first request: none for this container for ten minutes', async () => {
    await using bench = await SessionBench.start(({ exec }) => exec.end(2));
    for (let i = 0; i < 3; i++) expect(await bench.fetch()).toBe('internal: one-shot');
    expect(bench.engine.execs).toHaveLength(1);
    bench.aheadMs += 10 * MINUTE_MS;
    await bench.fetch();
    expect(bench.engine.execs).toHaveLength(2);
  });

  it('after less than an hour: renewed', async () => {
    await using bench = await SessionBench.start();
    await bench.fetch();
    bench.aheadMs += 44 * MINUTE_MS;
    await bench.fetch();
    expect(bench.engine.execs).toHaveLength(1);
    bench.aheadMs += 12 * MINUTE_MS;
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(2);
    await until(() => bench.engine.openConnections === 1, 'a connection stays');
  });

  it('when the fetcher is disposed of', async () => {
    await using bench = await SessionBench.start(hangAt('/hang'));
    await bench.leaveHanging();
    await bench.fetch({ target: aTarget({ id: recordedContainer('on-the-host').Id }) });
    expect(bench.engine.openConnections).toBe(2);
    await bench.fetcher[Symbol.asyncDispose]();
    // The engine sees by writing that nobody is there.
    bench.engine.execs[0]!.stdout('late\n');
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
  });
});

describe('a session that does not start', () => {
  it('no shell: one-shot execs, remembered for ten minutes', async () => {
    await using bench = await SessionBench.start();
    bench.engine.run = (exec) =>
      exec
        .stdout('OCI runtime exec failed: exec: "sh": executable file not found in $PATH: unknown\r\n')
        .end(126);
    for (let i = 0; i < 3; i++) expect(await bench.fetch()).toBe('internal: one-shot');
    expect(bench.engine.execs).toHaveLength(1);
    bench.aheadMs += 10 * MINUTE_MS;
    await bench.fetch();
    expect(bench.engine.execs).toHaveLength(2);
  });

  it('a shell that can not run the loop: the same', async () => {
    await using bench = await SessionBench.start();
    bench.engine.run = (exec) => exec.stderr('sh: syntax error\n').end(2);
    for (let i = 0; i < 3; i++) expect(await bench.fetch()).toBe('internal: one-shot');
    expect(bench.engine.execs).toHaveLength(1);
  });

  it('a shell that writes something else first: the same', async () => {
    await using bench = await SessionBench.start();
    bench.greeting = 'Welcome!\ncurl\n';
    for (let i = 0; i < 2; i++) expect(await bench.fetch()).toBe('internal: one-shot');
    expect(bench.engine.execs).toHaveLength(1);
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
  });

  it('no client: no_client, remembered for ten minutes, and no session stays', async () => {
    await using bench = await SessionBench.start();
    bench.greeting = 'none\n';
    for (let i = 0; i < 3; i++) expect(await bench.fetch()).toMatch(/^no_client: /);
    expect(bench.engine.execs).toHaveLength(1);
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
  });

  it.each([
    ['is gone', 127, 'sh: curl: not found\n'],
    ['is for another machine', 126, 'sh: 1: curl: Exec format error\n'],
  ])('a client that %s: one-shot execs, remembered for ten minutes', async (_case, exitCode, stderr) => {
    await using bench = await SessionBench.start(({ exec, nonce }) =>
      exec.stderr(`${stderr}${nonce}\n`).stdout(`\n${nonce}=${exitCode}\n`),
    );
    for (let i = 0; i < 3; i++) expect(await bench.fetch()).toBe('internal: one-shot');
    expect(bench.engine.execs).toHaveLength(1);
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
    bench.aheadMs += 10 * MINUTE_MS;
    await bench.fetch();
    expect(bench.engine.execs).toHaveLength(2);
  });

  it.each([
    ['killed', { exitCode: 137, stdout: '' }, /^exec_failed: killed/],
    ['no fork', { exitCode: 126, stdout: 'fork: resource temporarily unavailable' }, /^exec_failed: .*fork/],
  ])(
    '%s: a failure that names it, and a new try next time',
    async (_case, { exitCode, stdout }, expected) => {
      await using bench = await SessionBench.start();
      bench.engine.run = (exec) => exec.stdout(stdout).end(exitCode);
      for (let i = 0; i < 2; i++) expect(await bench.fetch()).toMatch(expected);
      expect(bench.engine.execs).toHaveLength(2);
    },
  );

  it('a shell that is slow to greet is waited for by later fetches, not started again', async () => {
    await using bench = await SessionBench.start();
    bench.greeting = '';
    expect(await bench.fetch({}, 400)).toMatch(/^timeout: /);
    expect(await bench.fetch({}, 50)).toMatch(/^timeout: /);
    bench.engine.execs[0]!.stdout('cu').stdout('rl\n');
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(1);
  });

  it('a paused container', async () => {
    await using bench = await SessionBench.start();
    const target = aTarget({ id: recordedContainer('sidecar').Id });
    expect(await bench.fetch({ target })).toMatch(/^exec_failed: .*is paused/);
  });

  it.each(['exec_create', 'exec_start'] as const)('frozen at %s: timeout', async (operation) => {
    await using bench = await SessionBench.start();
    bench.engine.always(operation, { kind: 'freeze' });
    expect(await bench.fetch({}, 100)).toBe('timeout: no answer in time');
  });

  it('while the daemon is known not to answer, nothing is asked', async () => {
    await using bench = await SessionBench.start();
    expect(await bench.fetch({ isDaemonReachable: false })).toBe('internal: one-shot');
    expect(bench.engine.requests).toEqual([]);
  });
});
