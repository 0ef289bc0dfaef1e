import { existsSync } from 'node:fs';
import Docker from 'dockerode';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { pause, untilLogged } from '../support/container-state.ts';
import { logOf, startTarget, uniqueLabel } from '../support/containers.ts';
import {
  discoverReal,
  EXEC_TECHNIQUES,
  processesIn,
  RealFetcher,
  untilAlone,
} from '../support/docker/real-engine.ts';
import { testImage } from '../support/images.ts';
import { aTarget } from '../support/targets.ts';
import { until } from '../support/until.ts';

const docker = new Docker();
const ROUTES = {
  '/metrics': { body: 'up 1\n' },
  '/slow': { body: 'slow 1\n', delayMs: 120_000 },
  '/hang': { hangs: 'before-headers' },
} as const;
const SERVES = [{ routes: ROUTES }, { port: 9101, routes: ROUTES }];

async function execsOf(target: StartedTestContainer): Promise<readonly string[]> {
  return (await docker.getContainer(target.getId()).inspect()).ExecIDs ?? [];
}

describe('a session', () => {
  it('is the only exec of a container, whatever the number of its endpoints', async () => {
    await using target = await startTarget({ serves: SERVES });
    await using fetcher = new RealFetcher('session');
    const id = target.getId();
    expect(await fetcher.fetch(id, '9100/metrics')).toBe('up 1\n');
    const first = await execsOf(target);
    expect(first).toHaveLength(1);
    for (const where of ['9101/metrics', '9100/metrics', '9101/nowhere', '9101/metrics']) {
      await fetcher.fetch(id, where);
    }
    expect(await execsOf(target)).toEqual(first);
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(id, 1000);
  });

  it('that waits for one endpoint does not keep the others from theirs', async () => {
    await using target = await startTarget({ serves: SERVES });
    await using fetcher = new RealFetcher('session');
    const id = target.getId();
    await fetcher.fetch(id, '9100/metrics');
    const ended: string[] = [];
    const hung = fetcher.fetch(id, '9100/hang').finally(() => ended.push('hung'));
    const other = fetcher.fetch(id, '9101/metrics', { timeoutMs: 30_000 }).finally(() => ended.push('other'));
    expect(await other).toBe('up 1\n');
    expect(await hung).toMatch(/^timeout: /);
    expect(ended).toEqual(['other', 'hung']);
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(id, 2000);
  });

  it('is followed by another one when its container was restarted', async () => {
    await using target = await startTarget({ serves: SERVES });
    await using fetcher = new RealFetcher('session');
    const id = target.getId();
    expect(await fetcher.fetch(id, '9100/metrics')).toBe('up 1\n');
    await docker.getContainer(id).restart({ t: 0 });
    await untilLogged(target, 'target is ready', 2);
    expect(await fetcher.fetch(id, '9100/metrics')).toBe('up 1\n');
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(id, 1000);
  });

  it('ends with its container, in the middle of a fetch', async () => {
    await using target = await startTarget({ serves: SERVES });
    await using fetcher = new RealFetcher('session');
    const id = target.getId();
    await fetcher.fetch(id, '9100/metrics');
    const fetched = fetcher.fetch(id, '9100/slow', { timeoutMs: 120_000 });
    await untilLogged(target, 'GET /slow');
    await docker.getContainer(id).kill();
    const startedMs = performance.now();
    expect(await fetched).toMatch(/^(?:exec_failed|connection_failed): /);
    // Far below what the fetch may take: it has not waited for that.
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  });

  it('of a paused container times out, then says why, and comes back', async () => {
    await using target = await startTarget({ serves: SERVES });
    await using fetcher = new RealFetcher('session');
    const id = target.getId();
    await fetcher.fetch(id, '9100/metrics');
    await pause(docker.getContainer(id));
    expect(await fetcher.fetch(id, '9100/metrics', { timeoutMs: 500 })).toMatch(/^timeout: /);
    expect(await fetcher.fetch(id, '9100/metrics')).toMatch(/^exec_failed: .*is paused/);
    await docker.getContainer(id).unpause();
    await until(
      async () => (await fetcher.fetch(id, '9100/metrics')) === 'up 1\n',
      'the samples did not come back',
    );
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(id, 3000);
  });

  it('lives an hour at most where the image has GNU timeout', async () => {
    // Images that were pulled have it; those made of this machine's programs get this machine's.
    const own = existsSync('/usr/bin/timeout')
      ? [{ source: '/usr/bin/timeout', target: '/usr/local/bin/timeout' }]
      : [];
    await using target = await startTarget({
      serves: SERVES,
      configure: (container) =>
        container.withCopyFilesToContainer(own.map((file) => ({ ...file, mode: 0o755 }))),
    });
    await using fetcher = new RealFetcher('session');
    expect(await fetcher.fetch(target.getId(), '9100/metrics')).toBe('up 1\n');
    expect((await processesIn(target.getId())).join('\n')).toMatch(/^timeout 3600 sh -c /m);
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(target.getId(), 1000);
  });
});

describe.each(EXEC_TECHNIQUES)('%s', (technique) => {
  it.each(['node', 'wget'] as const)('%s image: no text of a label is ever run', async (image) => {
    const attempts = [
      '9100/$(touch$IFS/tmp/ran)',
      "9100/';touch$IFS/tmp/ran;'",
      '9100/x;touch$IFS/tmp/ran',
      '9100/x&touch$IFS/tmp/ran',
      '9100/-o$IFS/tmp/ran',
      '9100/%60touch%20/tmp/ran%60',
      '9100/x?a=$(touch$IFS/tmp/ran)&b[]=1',
      '9100/`touch /tmp/ran`',
      '9100/x\ntouch /tmp/ran',
      '9100/x"; touch /tmp/ran; "',
      '9100@127.0.0.3/x',
      '9100/[1-5]',
    ];
    const metricsLabel = uniqueLabel();
    await using target = await startTarget({
      metricsLabel,
      image,
      endpoints: attempts.join(','),
      serves: [{ routes: { '*': { body: 'up 1\n' } } }],
    });
    await using fetcher = new RealFetcher(technique);
    const [found] = await discoverReal(metricsLabel);
    expect(found!.endpoints.map(({ path }) => path)).toEqual(
      attempts.slice(0, 7).map((text) => text.slice(4)),
    );
    expect(found!.invalidEndpoints).toHaveLength(5);
    for (const { port, path } of found!.endpoints) {
      expect(await fetcher.fetch(found!.id, `${port}${path}`)).toBe('up 1\n');
    }
    const log = await logOf(target);
    for (const { path } of found!.endpoints) expect(log).toContain(`GET ${path}`);
    const { output } = await target.exec(['sh', '-c', 'ls /tmp']);
    expect(output).not.toContain('ran');
  });

  it('fetches within a memory limit of 64 MiB', async () => {
    await using target = await new GenericContainer(await testImage('exporter'))
      .withResourcesQuota({ memory: 64 / 1024 })
      .withWaitStrategy(Wait.forLogMessage(/Listening on|listening/i))
      .start();
    await using fetcher = new RealFetcher(technique);
    const bodies = [];
    for (let i = 0; i < 5; i++) bodies.push(await fetcher.fetch(target.getId(), '9100/metrics'));
    for (const body of bodies) expect(body).toContain('\nnode_exporter_build_info{');
    const { State } = await docker.getContainer(target.getId()).inspect();
    expect(State).toMatchObject({ Running: true, OOMKilled: false });
  });

  it('a target that is gone', async () => {
    const target = await startTarget({ serves: SERVES });
    await target.stop();
    await using fetcher = new RealFetcher(technique);
    const outcome = await fetcher.fetch(target.getId(), '9100/metrics', {
      target: aTarget({ id: target.getId() }),
    });
    expect(outcome).toMatch(/^exec_failed: .*No such container/);
  });
});
