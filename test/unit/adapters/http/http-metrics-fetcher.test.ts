import { gzipSync } from 'node:zlib';
import { HttpMetricsFetcher } from '../../../../src/adapters/http/http-metrics-fetcher.ts';
import type { BodyStore } from '../../../../src/domain/fetching/body.ts';
import type { FetchOutcome, FetchRequest } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import { CountingBodyStore } from '../../../support/counting-body-store.ts';
import { aRequest, NEVER } from '../../../support/fakes.ts';
import { RawServer, serving } from '../../../support/raw-server.ts';
import { aTarget } from '../../../support/targets.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const METRICS_BODY = 'm 1\n';
const PLAIN = `${OK}Content-Type: text/plain; version=0.0.4\r\nContent-Length: 4\r\n\r\n${METRICS_BODY}`;

const bodies = new CountingBodyStore();
let fetcher: HttpMetricsFetcher;

beforeEach(() => {
  fetcher = new HttpMetricsFetcher({ bodies, version: '1.2.3' });
});

afterEach(() => {
  fetcher.close();
  expect(bodies.openSinks).toBe(0);
});

function requestTo(
  port: number,
  facts: Partial<FetchRequest> = {},
  host = '127.0.0.1',
  path = '/metrics',
): FetchRequest {
  const target = aTarget({ address: { kind: 'ip', host } });
  return aRequest({ target, endpoint: { port, path }, maxBodyBytes: 1_000_000, ...facts });
}

function text(outcome: FetchOutcome): string {
  return outcome.ok
    ? Buffer.from(outcome.body.bytes()).toString('latin1')
    : `${outcome.reason}: ${outcome.detail}`;
}

/** What one fetch from a server with this response comes to. */
async function fetchFrom(
  response: string | Uint8Array,
  options: { readonly closes?: boolean; readonly maxBodyBytes?: number } = {},
): Promise<FetchOutcome> {
  await using server = await RawServer.start(serving(response, options));
  return await fetcher.fetch(
    requestTo(server.port, { maxBodyBytes: options.maxBodyBytes ?? 1_000_000 }),
    NEVER,
  );
}

function gzipped(body: Uint8Array | string, fields = ''): Buffer {
  return Buffer.concat([
    Buffer.from(`${OK}Content-Encoding: gzip\r\n${fields}Content-Length: ${body.length}\r\n\r\n`),
    Buffer.from(body),
  ]);
}

describe('what it sends', () => {
  it('is one request with the same fields every time', async () => {
    await using server = await RawServer.start(serving(PLAIN));
    await fetcher.fetch(requestTo(server.port, {}, '127.0.0.1', "/a/b%20c?collect[]=cpu&x='$(id)'"), NEVER);
    expect(server.requests).toEqual([
      [
        "GET /a/b%20c?collect[]=cpu&x='$(id)' HTTP/1.1",
        `Host: 127.0.0.1:${server.port}`,
        'Accept: application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
        'Accept-Encoding: gzip',
        'X-ECS-Service-Metrics-Exporter: 1',
        'User-Agent: ecs-service-metrics-exporter/1.2.3',
      ].join('\r\n'),
    ]);
  });

  it('has an IPv6 host in brackets', async () => {
    await using server = await RawServer.start(serving(PLAIN), '::1');
    expect(text(await fetcher.fetch(requestTo(server.port, {}, '::1'), NEVER))).toBe(METRICS_BODY);
    expect(server.requests[0]).toContain(`\r\nHost: [::1]:${server.port}\r\n`);
  });

  it('connects to an address of a name', async () => {
    await using server = await RawServer.start(serving(PLAIN));
    expect(text(await fetcher.fetch(requestTo(server.port, {}, 'localhost'), NEVER))).toBe(METRICS_BODY);
    expect(server.requests[0]).toContain(`\r\nHost: localhost:${server.port}\r\n`);
  });

  it('heeds no proxy of the environment', async () => {
    await using canary = await RawServer.start(serving(PLAIN), '127.0.0.2');
    await using server = await RawServer.start(serving(PLAIN));
    process.env['http_proxy'] = `http://127.0.0.2:${canary.port}`;
    try {
      expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toBe(METRICS_BODY);
    } finally {
      delete process.env['http_proxy'];
    }
    expect(canary.connections).toBe(0);
  });
});

describe('a success', () => {
  const gzip = gzipSync('m 1\n'.repeat(50_000));

  it.each<[string, string | Buffer, string, string | undefined]>([
    ['with a length', PLAIN, METRICS_BODY, 'text/plain; version=0.0.4'],
    ['without a type', `${OK}Content-Length: 4\r\n\r\n${METRICS_BODY}`, METRICS_BODY, undefined],
    ['chunked', `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nm 1\n\r\n0\r\n\r\n`, METRICS_BODY, undefined],
    ['empty', `${OK}Content-Length: 0\r\n\r\n`, '', undefined],
    ['coded as nothing', `${OK}Content-Encoding:\r\nContent-Length: 1\r\n\r\nm`, 'm', undefined],
    ['coded as identity', `${OK}Content-Encoding: identity\r\nContent-Length: 1\r\n\r\nm`, 'm', undefined],
    [
      'after an interim response',
      `HTTP/1.1 103 Early Hints\r\n\r\n${PLAIN}`,
      METRICS_BODY,
      'text/plain; version=0.0.4',
    ],
    ['in gzip', gzipped(gzip), 'm 1\n'.repeat(50_000), undefined],
    [
      'in x-gzip',
      Buffer.from(gzipped(gzip).toString('latin1').replace('gzip', 'X-GZIP'), 'latin1'),
      'm 1\n'.repeat(50_000),
      undefined,
    ],
    [
      'in gzip of two members',
      gzipped(Buffer.concat([gzipSync('a 1\n'), gzipSync('b 2\n')])),
      'a 1\nb 2\n',
      undefined,
    ],
    ['in gzip of nothing', gzipped(gzipSync('')), '', undefined],
  ])('%s', async (_name, response, body, contentType) => {
    const outcome = await fetchFrom(response);
    expect(text(outcome)).toBe(body);
    expect(outcome).toMatchObject({ ok: true, contentType, via: 'http' });
  });

  it.each([
    ['until the connection ends', `${OK}\r\nm 1\n`, METRICS_BODY],
    ['in HTTP/1.0', `HTTP/1.0 200 OK\r\n\r\nm 1\n`, METRICS_BODY],
    ['empty until the end', `${OK}\r\n`, ''],
    ['with a length, then closed', PLAIN, METRICS_BODY],
  ])('%s', async (_name, response, body) => {
    expect(text(await fetchFrom(response, { closes: true }))).toBe(body);
  });

  it('in gzip and chunks of one byte', async () => {
    const chunks = [...gzipSync(METRICS_BODY)]
      .map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`)
      .join('');
    const response = `${OK}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
    expect(text(await fetchFrom(response))).toBe(METRICS_BODY);
  });
});

describe('a failure of the response', () => {
  it.each([
    ['status 204', 'HTTP/1.1 204 No Content\r\n\r\n', /^http_status: HTTP status 204$/],
    [
      'status 206',
      'HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n\r\nm 1\n',
      /^http_status: HTTP status 206$/,
    ],
    [
      'status 202',
      'HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\nm 1\n',
      /^http_status: HTTP status 202$/,
    ],
    [
      'status 404',
      'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nm 1\n',
      /^http_status: HTTP status 404$/,
    ],
    ['status 500, body without an end', 'HTTP/1.1 500 Oops\r\n\r\nm 1\n', /^http_status: HTTP status 500$/],
    [
      'status 508',
      'HTTP/1.1 508 Loop Detected\r\nContent-Length: 0\r\n\r\n',
      /^http_status: HTTP status 508$/,
    ],
    ['status 999', 'HTTP/1.1 999 Nope\r\n\r\n', /^http_status: HTTP status 999$/],
    ['status 304', 'HTTP/1.1 304 Not Modified\r\n\r\n', /^http_status: HTTP status 304$/],
    [
      'a redirect',
      'HTTP/1.1 302 Found\r\nLocation: /login?token=secret\r\n\r\n',
      /^redirect: HTTP status 302 to \/login: /,
    ],
    ['a redirect to nowhere', 'HTTP/1.1 301 Moved\r\n\r\n', /^redirect: HTTP status 301 to nowhere: /],
    [
      'brotli',
      `${OK}Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx`,
      /^unsupported_content_type: Content-Encoding br /,
    ],
    [
      'gzip in gzip',
      `${OK}Content-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx`,
      /^unsupported_content_type: /,
    ],
    ['gzip that is none', gzipped('m 1\n'), /^truncated: the gzip body is broken/],
    [
      'gzip without its trailer',
      gzipped(gzipSync(METRICS_BODY).subarray(0, -8)),
      /^truncated: the gzip body/,
    ],
    [
      'gzip with half a trailer',
      gzipped(gzipSync(METRICS_BODY).subarray(0, -1)),
      /^truncated: the gzip body/,
    ],
    [
      'gzip with a wrong checksum',
      gzipped(Buffer.concat([gzipSync('m 1\n').subarray(0, -8), Buffer.alloc(8)])),
      /^truncated: /,
    ],
    ['gzip of no bytes', gzipped(''), /^truncated: the gzip body/],
    [
      'gzip with text after it',
      gzipped(Buffer.concat([gzipSync('m 1\n'), Buffer.from('m 2\n')])),
      /^truncated: the gzip/,
    ],
    [
      'bytes beyond its length',
      `${OK}Content-Length: 2\r\n\r\nm 1\n`,
      /^connection_failed: broken HTTP response: more bytes/,
    ],
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n', /^connection_failed: broken HTTP response: not HTTP/],
  ])('%s', async (_name, response, expected) => {
    expect(text(await fetchFrom(response))).toMatch(expected);
  });

  it.each([
    ['before its first byte', '', /^connection_failed: no answer: the target closed the connection$/],
    ['within its status line', 'HTTP/1.', /^connection_failed: broken HTTP response: ends within its head/],
    ['within its head', `${OK}Content-Le`, /^connection_failed: broken HTTP response: ends within its head/],
    [
      'within its length',
      `${OK}Content-Length: 9\r\n\r\nm 1\n`,
      /^truncated: the body ends early, after 4 bytes: the target closed/,
    ],
    ['before its last chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nm 1\n\r\n`, /^truncated: /],
    ['within its trailers', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`, /^truncated: /],
    [
      'within gzip that lasts until the end',
      `${OK}Content-Encoding: gzip\r\n\r\n\x1f\x8b`,
      /^truncated: the gzip body/,
    ],
  ])('closed %s', async (_name, response, expected) => {
    expect(text(await fetchFrom(response, { closes: true }))).toMatch(expected);
  });

  it.each([
    ['announced', `${OK}Content-Length: 5\r\n\r\nm`],
    ['in chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nm \r\n3\r\n`.concat('1 2\r\n')],
    ['without a length', `${OK}\r\nm 1 2`],
    ['in gzip', gzipped(gzipSync('m 1 2'))],
  ])('over its limit, %s', async (_name, response) => {
    expect(text(await fetchFrom(response, { maxBodyBytes: 4 }))).toBe(
      'too_large: the body is over the limit of 4 bytes',
    );
  });

  it('at its limit is none', async () => {
    expect(text(await fetchFrom(PLAIN, { maxBodyBytes: 4 }))).toBe(METRICS_BODY);
  });

  it('without memory left for it', async () => {
    const full: BodyStore = {
      open: () => ({ ...bodies.open(0), expect: () => 'over_budget', discard: () => bodies.openSinks-- }),
    };
    fetcher = new HttpMetricsFetcher({ bodies: full, version: '1.2.3' });
    expect(text(await fetchFrom(PLAIN))).toMatch(/^over_budget: /);
  });
});

describe('a failure of the connection', () => {
  it('refused', async () => {
    const { port } = await RawServer.start(() => undefined).then(async (server) => {
      await using closing = server;
      return { port: closing.port };
    });
    expect(text(await fetcher.fetch(requestTo(port), NEVER))).toMatch(
      /^connection_failed: no answer: connect ECONNREFUSED 127\.0\.0\.1:\d+: nothing listens there/,
    );
  });

  it('a name that does not exist', async () => {
    const outcome = await fetcher.fetch(requestTo(9, {}, 'no-such-host.invalid'), NEVER);
    expect(text(outcome)).toMatch(
      /^connection_failed: no answer: getaddrinfo E[A-Z_]+ no-such-host\.invalid/,
    );
  });

  it('reset before the answer, and within the body', async () => {
    await using server = await RawServer.start((socket, _request, nth) => {
      if (nth === 0) return socket.resetAndDestroy();
      socket.write(`${OK}Content-Length: 9\r\n\r\nm 1\n`, () =>
        setTimeout(() => socket.resetAndDestroy(), 10),
      );
      return undefined;
    });
    expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toMatch(
      /^connection_failed: no answer: .*ECONNRESET/,
    );
    expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toMatch(
      /^truncated: .* after 4 bytes: .*ECONNRESET/,
    );
  });

  it('a target without an address is not asked', async () => {
    const target = aTarget({ address: { kind: 'none', hint: 'host network: set HOST_NETWORK_ADDRESS' } });
    const outcome = await fetcher.fetch(aRequest({ target }), NEVER);
    expect(outcome).toEqual({
      ok: false,
      reason: 'no_address',
      detail: 'host network: set HOST_NETWORK_ADDRESS',
    });
  });

  it('a signal that has aborted before', async () => {
    await using server = await RawServer.start(serving(PLAIN));
    expect(await fetcher.fetch(requestTo(server.port), AbortSignal.abort())).toMatchObject({
      reason: 'queued',
    });
    expect(server.connections).toBe(0);
  });

  it('what a sink throws rejects the fetch, and no more', async () => {
    const broken: BodyStore = {
      open: () => ({
        expect: () => undefined,
        write: () => {
          throw new Error('out of memory');
        },
        end: () => {
          throw new Error('not reached');
        },
        discard: () => undefined,
      }),
    };
    fetcher = new HttpMetricsFetcher({ bodies: broken, version: '1.2.3' });
    await expect(fetchFrom(PLAIN)).rejects.toThrow('out of memory');
    await expect(fetchFrom(gzipped(gzipSync(METRICS_BODY)))).rejects.toThrow('out of memory');
  });
});

describe('kept connections', () => {
  it('serve one request after the other', async () => {
    await using server = await RawServer.start(serving(PLAIN));
    for (let i = 0; i < 5; i++)
      expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toBe(METRICS_BODY);
    expect(server.connections).toBe(1);
  });

  it('are as many as requests at the same time', async () => {
    await using server = await RawServer.start(serving(PLAIN));
    for (let i = 0; i < 3; i++) {
      await Promise.all(
        ['/a', '/b'].map((path) => fetcher.fetch(requestTo(server.port, {}, '127.0.0.1', path), NEVER)),
      );
    }
    expect(server.connections).toBe(2);
  });

  it('are not shared by targets: the address may have changed hands', async () => {
    await using server = await RawServer.start(serving(PLAIN));
    for (const id of ['a', 'b']) {
      await fetcher.fetch(requestTo(server.port, { target: aTarget({ id: id.repeat(64) }) }), NEVER);
    }
    expect(server.connections).toBe(2);
  });

  it.each([
    ['Connection: close', `${OK}Connection: close\r\nContent-Length: 4\r\n\r\n${METRICS_BODY}`],
    ['HTTP/1.0', `HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n${METRICS_BODY}`],
    ['a failure', 'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'],
    ['gzip that is broken', gzipped('m 1\n')],
  ])('end after %s', async (_name, response) => {
    await using server = await RawServer.start(serving(response));
    await fetcher.fetch(requestTo(server.port), NEVER);
    await fetcher.fetch(requestTo(server.port), NEVER);
    expect(server.connections).toBe(2);
  });

  it('that the target closed are replaced', async () => {
    await using server = await RawServer.start(serving(PLAIN, { closes: true }));
    for (let i = 0; i < 3; i++) {
      expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toBe(METRICS_BODY);
      await server.untilOpen(0);
    }
    expect(server.connections).toBe(3);
  });

  it.each<[string, (socket: import('node:net').Socket) => unknown]>([
    ['closed', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
  ])('%s on the next request: it is sent once more, on a new one', async (_name, close) => {
    await using server = await RawServer.start((socket, _request, nth) => {
      if (nth === 1) close(socket);
      else socket.write(PLAIN);
    });
    for (let i = 0; i < 2; i++)
      expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toBe(METRICS_BODY);
    expect(server.requests).toHaveLength(3);
    expect(server.connections).toBe(2);
  });

  it('closed after the first byte of an answer: that is a failure', async () => {
    await using server = await RawServer.start((socket, _request, nth) => {
      if (nth === 1) socket.end('H');
      else socket.write(PLAIN);
    });
    await fetcher.fetch(requestTo(server.port), NEVER);
    expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toMatch(
      /^connection_failed: broken HTTP response/,
    );
    expect(server.requests).toHaveLength(2);
  });

  it('a new one that is closed at once is not tried again', async () => {
    await using server = await RawServer.start((socket) => socket.end());
    expect(await fetcher.fetch(requestTo(server.port), NEVER)).toMatchObject({ reason: 'connection_failed' });
    expect(server.requests).toHaveLength(1);
  });

  it('end on bytes that nobody asked for', async () => {
    await using server = await RawServer.start((socket) => {
      socket.write(PLAIN);
      setTimeout(() => socket.write(`${OK}Content-Length: 8\r\n\r\nforged 1`), 10);
    });
    await fetcher.fetch(requestTo(server.port), NEVER);
    await server.untilOpen(0);
    expect(text(await fetcher.fetch(requestTo(server.port), NEVER))).toBe(METRICS_BODY);
    expect(server.connections).toBe(2);
  });

  it('end when they were idle for long enough', async () => {
    fetcher = new HttpMetricsFetcher({ bodies, version: '1.2.3', idleTimeoutMs: 30 });
    await using server = await RawServer.start(serving(PLAIN));
    await fetcher.fetch(requestTo(server.port), NEVER);
    await server.untilOpen(0);
  });

  it('end with close(), those in use after their response', async () => {
    await using server = await RawServer.start((socket, _request, nth) => {
      setTimeout(() => socket.write(PLAIN), nth * 2000);
    });
    await fetcher.fetch(requestTo(server.port), NEVER);
    const other = aTarget({ id: 'b'.repeat(64) });
    const slow = fetcher.fetch(requestTo(server.port, { target: other }), NEVER);
    await server.untilOpen(2);
    fetcher.close();
    await server.untilOpen(1);
    expect(text(await slow)).toBe(METRICS_BODY);
    await server.untilOpen(0);
  });
});
