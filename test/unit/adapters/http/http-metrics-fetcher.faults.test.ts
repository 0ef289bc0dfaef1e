import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { HttpMetricsFetcher } from '../../../../src/adapters/http/http-metrics-fetcher.ts';
import type { FetchOutcome, FetchRequest } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../src/domain/targets/target.ts';
import { CountingBodyStore } from '../../../support/counting-body-store.ts';
import { aRequest, delay, NEVER } from '../../../support/fakes.ts';
import { RawServer, serving, type Serve } from '../../../support/raw-server.ts';
import { aTarget } from '../../../support/targets.ts';
import { latenessAfter } from '../../../support/until.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const PLAIN = `${OK}Content-Length: 4\r\n\r\nm 1\n`;
const MEBIBYTE = 2 ** 20;

const bodies = new CountingBodyStore();
let fetcher: HttpMetricsFetcher;

beforeEach(() => {
  bodies.largestBytes = 0;
  fetcher = new HttpMetricsFetcher({ bodies, version: '1.2.3' });
});

afterEach(() => {
  fetcher.close();
  expect(bodies.openSinks).toBe(0);
});

function requestTo(port: number, facts: Partial<FetchRequest> = {}): FetchRequest {
  return aRequest({ endpoint: { port, path: '/metrics' }, maxBodyBytes: MEBIBYTE, ...facts });
}

/** Writes the piece again and again, as fast as the other side reads; tells how many bytes it got rid of. */
function flooding(head: string, piece: Uint8Array): { readonly serve: Serve; sentBytes: () => number } {
  let socket: Socket | undefined;
  const serve: Serve = (opened) => {
    socket = opened;
    const pour = (): void => {
      while (!opened.destroyed && opened.write(piece));
    };
    opened.write(head, 'latin1');
    opened.on('drain', pour);
    pour();
  };
  return { serve, sentBytes: () => socket?.bytesWritten ?? 0 };
}

function chunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

describe('the deadline ends', () => {
  /** Sends the text, then a byte every 5 ms. */
  const dripping =
    (text: string): Serve =>
    (socket) => {
      socket.write(text);
      const timer = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(timer));
    };
  const gzip = gzipSync(randomBytes(1000));

  it.each<[string, Serve, RegExp]>([
    ['a target that never answers', () => undefined, /^connected, but no answer when/],
    ['one that drips its head', dripping(`${OK}X: `), /^connected, but no answer when/],
    [
      'one that drips its body',
      dripping(`HTTP/1.1 200\r\n\r\n`),
      /^the body was not complete \(\d+ bytes so far\)/,
    ],
    [
      'one that stops within its body',
      serving(`${OK}Content-Length: 9\r\n\r\nm 1`),
      /^the body was not complete \(3 bytes/,
    ],
    [
      'one that stops within gzip',
      serving(Buffer.concat([Buffer.from(`${OK}Content-Encoding: gzip\r\n\r\n`), gzip])),
      /^the body was/,
    ],
  ])('%s', async (_name, serve, detail) => {
    await using server = await RawServer.start(serve);
    const outcome = fetcher.fetch(requestTo(server.port), AbortSignal.timeout(150));
    expect(await latenessAfter(150, outcome)).toBeLessThan(1500);
    expect(await outcome).toMatchObject({ ok: false, detail: expect.stringMatching(detail) as string });
    await server.untilOpen(0);
  });

  it('a TLS handshake that is never answered', async () => {
    await using server = await RawServer.start(() => undefined);
    const target = aTarget({ options: { ...DEFAULT_TARGET_OPTIONS, scheme: 'https' } });
    const outcome = await fetcher.fetch(requestTo(server.port, { target }), AbortSignal.timeout(50));
    expect(outcome).toEqual({ ok: false, reason: 'timeout', detail: 'no connection when the time was up' });
  });

  it('one fetch of many that share a signal, and leaves no listener behind', async () => {
    await using server = await RawServer.start((socket, request) => {
      if (!request.startsWith('GET /hang ')) socket.write(PLAIN);
    });
    const signal = AbortSignal.timeout(3000);
    const warnings: Error[] = [];
    const warn = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', warn);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        fetcher.fetch(
          requestTo(server.port, { endpoint: { port: server.port, path: i === 7 ? '/hang' : '/m' } }),
          signal,
        ),
      ),
    );
    await delay(0);
    process.off('warning', warn);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(39);
    expect(outcomes[7]).toMatchObject({ reason: 'timeout' });
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a flood', () => {
  it('of interim responses is cut off', async () => {
    const { serve } = flooding('', Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)));
    await using server = await RawServer.start(serve);
    const outcome = await fetcher.fetch(requestTo(server.port), AbortSignal.timeout(5000));
    expect(outcome).toMatchObject({
      reason: 'connection_failed',
      detail: 'broken HTTP response: head over 64 KiB',
    });
  });

  const gzipHead = `${OK}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const bomb = gzipSync(Buffer.alloc(16 * MEBIBYTE));

  it.each([
    ['without a length', flooding(`${OK}\r\n`, Buffer.alloc(65_536, 'm 1\n'))],
    ['in chunks', flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n`, chunk(Buffer.alloc(65_536, 'm 1\n')))],
    [
      'in one chunk',
      flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n40000000\r\n`, Buffer.alloc(65_536, 'm 1\n')),
    ],
    [
      'of 1 GB, announced',
      flooding(`${OK}Content-Length: 1073741824\r\n\r\n`, Buffer.alloc(65_536, 'm 1\n')),
    ],
    [
      'of gzip members that hold nothing',
      flooding(gzipHead, chunk(Buffer.concat(Array<Buffer>(100).fill(gzipSync(''))))),
    ],
    ['of gzip that holds too much', flooding(gzipHead, chunk(bomb))],
  ])('%s is cut off at the limit', async (_name, { serve, sentBytes }) => {
    await using server = await RawServer.start(serve);
    const outcome = await fetcher.fetch(requestTo(server.port), AbortSignal.timeout(5000));
    expect(outcome).toMatchObject({ ok: false, reason: 'too_large' });
    expect(bodies.largestBytes).toBeLessThanOrEqual(MEBIBYTE);
    // What the kernel's buffers hold goes beyond the limit, no more.
    expect(sentBytes()).toBeLessThan(24 * MEBIBYTE);
  });

  it('of gzip that is faster than its decompression waits at the target', async () => {
    const body = randomBytes(8 * MEBIBYTE);
    const gzip = gzipSync(body, { level: 1 });
    await using server = await RawServer.start(
      serving(
        Buffer.concat([
          Buffer.from(`${OK}Content-Encoding: gzip\r\nContent-Length: ${gzip.length}\r\n\r\n`),
          gzip,
        ]),
      ),
    );
    for (let i = 0; i < 2; i++) {
      const outcome = await fetcher.fetch(requestTo(server.port, { maxBodyBytes: 8 * MEBIBYTE }), NEVER);
      expect(outcome.ok && Buffer.compare(body, outcome.body.bytes())).toBe(0);
    }
    expect(server.connections).toBe(1);
  });
});

it('a redirect is not followed', async () => {
  await using canary = await RawServer.start(serving(PLAIN), '127.0.0.9');
  for (const status of [300, 301, 302, 303, 307, 308]) {
    const location = `http://127.0.0.9:${canary.port}/`;
    await using server = await RawServer.start(
      serving(
        `HTTP/1.1 ${status} Elsewhere\r\nLocation: ${location}\r\nRefresh: 0; url=${location}\r\nContent-Length: 0\r\n\r\n`,
      ),
    );
    expect(await fetcher.fetch(requestTo(server.port), NEVER)).toMatchObject({
      ok: false,
      reason: 'redirect',
    });
  }
  await delay(20);
  expect(canary.connections).toBe(0);
});

it('no file descriptor is left of what went wrong', async () => {
  const wrongs: readonly (string | undefined)[] = [
    PLAIN,
    undefined,
    'nonsense',
    `${OK}Content-Length: 9\r\n\r\nm`,
    `${OK}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nm 1\n`,
    'HTTP/1.1 500 Oops\r\n\r\n',
    `${OK}Connection: close\r\nContent-Length: 4\r\n\r\nm 1\n`,
  ];
  await using server = await RawServer.start((socket, _request, nth) => {
    const response = wrongs[nth % wrongs.length];
    if (response === undefined) socket.destroy();
    else socket.write(response);
  });
  const fetchAll = async (count: number): Promise<FetchOutcome[]> => {
    const outcomes: FetchOutcome[] = [];
    for (let i = 0; i < count; i++) {
      const target = aTarget({ id: `${i % 5}`.repeat(64) });
      outcomes.push(await fetcher.fetch(requestTo(server.port, { target }), AbortSignal.timeout(80)));
    }
    return outcomes;
  };
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const outcomes = await fetchAll(70);
  const reasons = new Set(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.reason)));
  expect(reasons).toEqual(new Set(['ok', 'connection_failed', 'timeout', 'truncated', 'http_status']));
  fetcher.close();
  await server.untilOpen(0);
  expect(descriptors()).toBeLessThanOrEqual(before);
});

it('an idle connection does not keep the process alive', async () => {
  await using server = await RawServer.start(serving(PLAIN));
  const source = (path: string): string =>
    JSON.stringify(new URL(`../../../../${path}`, import.meta.url).href);
  const program = `
    import { HttpMetricsFetcher } from ${source('src/adapters/http/http-metrics-fetcher.ts')};
    import { CountingBodyStore } from ${source('test/support/counting-body-store.ts')};
    import { aRequest, NEVER } from ${source('test/support/fakes.ts')};
    const fetcher = new HttpMetricsFetcher({ bodies: new CountingBodyStore(), version: '0', idleTimeoutMs: 600_000 });
    const endpoint = { port: ${server.port}, path: '/' };
    console.log((await fetcher.fetch(aRequest({ endpoint }), NEVER)).ok);`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 120_000,
  });
  expect(stdout).toBe('true\n');
  expect(server.connections).toBe(1);
});
