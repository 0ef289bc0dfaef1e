import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { GenericContainer } from 'testcontainers';
import { LIMITED } from '../../src/adapters/docker/exec/clients/shell-functions.ts';
import { logOf, startTargets, type TargetContainer, type TargetGroup } from '../support/containers.ts';
import { EXEC_TECHNIQUES, processesIn, RealFetcher, untilAlone } from '../support/docker/real-engine.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../src/domain/targets/target.ts';
import { testImage } from '../support/images.ts';
import { aTarget } from '../support/targets.ts';
import { latenessAfter } from '../support/until.ts';

const CLIENTS = ['node', 'wget', 'gnuwget'] as const;
const BODY = '# TYPE a gauge\na{b="\\"c"} 1\n';

const SERVERS: TargetContainer['serves'] = [
  {
    routes: {
      '/metrics': { body: BODY },
      '/chunked': { body: BODY, chunked: true },
      '/no-type': { body: BODY, contentType: null },
      '/x?collect[]=cpu&a=%20$(id)': { body: 'asked 1\n' },
      '/empty': { body: '' },
      '/bytes': { body: '\0\r\n\xffno newline' },
      '/500': { status: 500, body: 'no_metrics 1\n' },
      '/302': { status: 302, headers: { location: 'http://127.0.0.3:9199/stolen' } },
      '/204': { status: 204 },
      '/cut': { body: BODY, missingBytes: 5 },
      '/hang': { hangs: 'before-headers' },
      '/hang-in-body': { body: BODY, hangs: 'in-body', missingBytes: 5 },
      '/drip': { body: BODY, dripMs: 200 },
      '/big': { body: 'x'.repeat(1000), repeats: 3000 },
      '/endless': { body: 'x'.repeat(1000), repeats: 10_000_000, chunked: true },
    },
  },
  { port: 9101, host: '127.0.0.1', routes: { '/metrics': { body: 'local 1\n' } } },
  { port: 9199, host: '127.0.0.3', routes: { '*': { body: 'stolen 1\n' } } },
];

const ANSWERS: readonly (readonly [string, unknown])[] = [
  ['9100/metrics', BODY],
  ['9100/chunked', BODY],
  ['9100/no-type', BODY],
  ['9100/x?collect[]=cpu&a=%20$(id)', 'asked 1\n'],
  ['9100/empty', ''],
  ['9100/bytes', '\0\r\n\xffno newline'],
  ['9101/metrics', 'local 1\n'],
  ['9100/nowhere', expect.stringMatching(/^http_status: HTTP 404/)],
  ['9100/500', expect.stringMatching(/^http_status: HTTP 500/)],
  ['9100/204', expect.stringMatching(/^http_status: HTTP 204/)],
  ['9100/302', expect.stringMatching(/^redirect: HTTP 302/)],
  ['9100/cut', expect.stringMatching(/^truncated: ./)],
  ['9109/metrics', expect.stringMatching(/^connection_failed: ./)],
  ['9100/big', expect.stringMatching(/^too_large: /)],
  ['9100/endless', expect.stringMatching(/^too_large: /)],
];

describe.each(EXEC_TECHNIQUES)('%s', (technique) => {
  let targets: TargetGroup;
  let fetcher: RealFetcher;
  beforeAll(async () => {
    targets = await startTargets([...CLIENTS, 'bare' as const].map((image) => ({ image, serves: SERVERS })));
    fetcher = new RealFetcher(technique);
  });
  afterAll(async () => {
    await fetcher[Symbol.asyncDispose]();
    expect(fetcher.bodies.held).toBe(0);
    await targets[Symbol.asyncDispose]();
  });

  function idOf(image: string): string {
    return targets.containers[[...CLIENTS, 'bare'].indexOf(image)]!.getId();
  }

  it.each(CLIENTS)('%s image: every answer', async (image) => {
    const id = idOf(image);
    for (const [where, expected] of ANSWERS) {
      // What has no end is read by its client until that one's own time limit.
      const timeoutMs = where.endsWith('/endless') ? 5000 : 30_000;
      expect([where, await fetcher.fetch(id, where, { timeoutMs })]).toEqual([where, expected]);
    }
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(id, 15_000);
  });

  it.each(CLIENTS)('%s image: what hangs ends in time and leaves nothing behind', async (image) => {
    const id = idOf(image);
    const hung = Promise.all(
      ['9100/hang', '9100/hang-in-body', '9100/drip'].map(async (where) =>
        fetcher.fetch(id, where, { timeoutMs: 1500 }),
      ),
    );
    expect(await latenessAfter(1500, hung)).toBeLessThan(1000);
    for (const outcome of await hung) expect(outcome).toMatch(/^(?:timeout|queued): /);
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(id, 4000);
  });

  it.each(['node', 'gnuwget'])('%s follows no redirect', async (image) => {
    const target = targets.containers[[...CLIENTS].indexOf(image as 'node')]!;
    await fetcher.fetch(target.getId(), '9100/302');
    expect(await logOf(target)).not.toContain('connection 9199');
  });

  it('neither client', async () => {
    expect(await fetcher.fetch(idOf('bare'), '9100/metrics')).toMatch(/^no_client: /);
  });

  it('https, not verified unless that is asked for', async () => {
    const options = { ...DEFAULT_TARGET_OPTIONS, scheme: 'https' } as const;
    const id = idOf('node');
    // There is no TLS at this port: that it was tried is all that shows.
    const target = aTarget({ id, options });
    expect(await fetcher.fetch(id, '9100/metrics', { target })).toMatch(/^connection_failed: .*(?:SSL|TLS)/i);
  });

  it.each(CLIENTS)('%s image: many fetches leave no process and no zombie', async (image) => {
    const id = idOf(image);
    await fetcher.fetch(id, '9100/metrics');
    const before = await processesIn(id);
    for (let i = 0; i < 10; i++) expect(await fetcher.fetch(id, '9100/metrics')).toBe(BODY);
    expect(await processesIn(id)).toEqual(before);
    await fetcher[Symbol.asyncDispose]();
    await untilAlone(id, 2000);
  });
});

describe('metrics on the IPv6 loopback address alone', () => {
  const network = `docker-exec-${randomUUID()}`;
  let targets: TargetGroup;
  beforeAll(async () => {
    const octet = Math.floor(Math.random() * 65_536).toString(16);
    await new Docker().createNetwork({
      Name: network,
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: `fd00:e5e:${octet}::/64` }] },
    });
    const serves = [{ host: '::1', routes: { '/metrics': { body: BODY } } }];
    targets = await startTargets(CLIENTS.map((image) => ({ image, serves, networkMode: network })));
  });
  afterAll(async () => {
    await targets[Symbol.asyncDispose]();
    await new Docker().getNetwork(network).remove();
  });

  it.each(EXEC_TECHNIQUES)('%s', async (technique) => {
    await using fetcher = new RealFetcher(technique);
    for (const target of targets.containers) {
      expect(await fetcher.fetch(target.getId(), '9100/metrics')).toBe(BODY);
    }
  });
});

// PID 1, a shell, the client, the timer and its sleep are five.
it.each([3, 4, 5])(
  'no client goes on without its time limit where %i processes are allowed',
  async (pids) => {
    await using target = await new GenericContainer(await testImage('wget'))
      .withEntrypoint(['sleep'])
      .withCommand(['600'])
      .start();
    await new Docker().getContainer(target.getId()).update({ PidsLimit: pids });
    const startedMs = performance.now();
    await target.exec(['sh', '-c', `${LIMITED}\nlimited 2 sleep 600`]);
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    await untilAlone(target.getId(), 2000);
  },
);
