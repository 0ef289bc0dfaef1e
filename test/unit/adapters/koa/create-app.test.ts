import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import Koa from 'koa';
import { Router } from '@koa/router';
import { createApp } from '../../../../src/adapters/koa/create-app.ts';
import { createRouter, type RouterParts } from '../../../../src/adapters/koa/create-router.ts';
import { type ScrapeRequest, type TargetExposition } from '../../../../src/application/collect-metrics.ts';
import { TooManyScrapesError } from '../../../../src/application/scrape-admission.ts';
import { failure } from '../../../../src/domain/fetching/failure.ts';
import { ask, listen, type WebServer } from '../../../support/web-client.ts';
import { RecordingLogger } from '../../../support/fakes.ts';
import { until } from '../../../support/until.ts';
import { FakeMerged, routerParts } from './router-parts.ts';

function start(parts: Partial<RouterParts> = {}): Promise<WebServer> {
  const handle = createApp(routerParts(parts)).callback();
  return listen((req, res) => void handle(req, res));
}

type Collect = RouterParts['collectMetrics']['collect'];

function collecting(collect: Collect): Partial<RouterParts> {
  return { collectMetrics: { ...routerParts().collectMetrics, collect } };
}

describe('/metrics', () => {
  it('answers with the chunks in order, the exact Content-Type and the length', async () => {
    const merged = new FakeMerged(
      ['a 1\n', '', 'b 2\n'],
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    await using web = await start(collecting(() => Promise.resolve(merged)));
    const { status, text, headers } = await ask(`${web.url}/metrics`);
    expect({ status, text }).toEqual({ status: 200, text: 'a 1\nb 2\n' });
    expect(headers).toMatchObject({
      'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
      'content-length': '8',
      vary: 'Accept, Accept-Encoding',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-encoding']).toBeUndefined();
  });

  it('hands the request over: Accept, timeout and the names asked for', async () => {
    const seen: { request: ScrapeRequest; names: readonly string[] }[] = [];
    const collect: Collect = (request, names) => {
      seen.push({ request, names });
      return Promise.resolve(new FakeMerged(['a 1\n']));
    };
    await using web = await start(collecting(collect));
    await ask(`${web.url}/metrics?container_name=web&container_name=b%26c`, {
      Accept: 'text/plain;q=0.5',
      'X-Prometheus-Scrape-Timeout-Seconds': '15.000000',
    });
    await ask(`${web.url}/metrics`);
    expect(seen).toEqual([
      { request: { accept: 'text/plain;q=0.5', timeoutSeconds: '15.000000' }, names: ['web', 'b&c'] },
      { request: { accept: undefined, timeoutSeconds: undefined }, names: [] },
    ]);
  });

  it.each([
    ['gzip', true],
    ['deflate, gzip;q=0.8, identity;q=0.1', true],
    ['*', true],
    ['gzip;q=0', false],
    ['identity, gzip;q=0.5', false],
    ['br', false],
    ['', false],
  ])('Accept-Encoding %p: gzip %p', async (accepted, isGzipped) => {
    const merged = new FakeMerged(Array.from({ length: 1000 }, (_, i) => `sample_${i} ${'1'.repeat(300)}\n`));
    await using web = await start(collecting(() => Promise.resolve(merged)));
    const { headers, bytes } = await ask(`${web.url}/metrics`, { 'Accept-Encoding': accepted });
    expect(headers['content-encoding']).toBe(isGzipped ? 'gzip' : undefined);
    expect(headers['content-length']).toBe(isGzipped ? undefined : String(merged.byteLength));
    const text = isGzipped ? gunzipSync(bytes) : bytes;
    expect(text.equals(Buffer.concat(merged.chunks))).toBe(true);
    expect(merged.released).toBe(1);
  });

  it.each(['gzip', 'identity'])('answers HEAD with the headers alone (%s)', async (accepted) => {
    const merged = new FakeMerged(['a 1\n']);
    await using web = await start(collecting(() => Promise.resolve(merged)));
    const { status, headers, bytes } = await ask(
      `${web.url}/metrics`,
      { 'Accept-Encoding': accepted },
      'HEAD',
    );
    expect([status, bytes.byteLength, headers['content-type']]).toEqual([200, 0, merged.contentType]);
    expect(headers['content-length']).toBe(accepted === 'gzip' ? undefined : '4');
    await until(() => merged.released === 1);
  });

  it('refuses a request of another exporter: 508', async () => {
    let scrapes = 0;
    const collect: Collect = () => {
      scrapes++;
      return Promise.resolve(new FakeMerged([]));
    };
    await using web = await start(collecting(collect));
    for (const path of ['/metrics', '/targets/0123456789ab/metrics']) {
      const { status, text } = await ask(web.url + path, { 'X-ECS-Service-Metrics-Exporter': '1' });
      expect([status, text]).toEqual([
        508,
        'loop: this request comes from an ECS service metrics exporter\n',
      ]);
    }
    expect(scrapes).toBe(0);
  });

  it('turns a crowd away: 503 with Retry-After', async () => {
    const collect: Collect = () => Promise.reject(new TooManyScrapesError('8 scrapes are under way already'));
    await using web = await start(collecting(collect));
    const { status, headers, text } = await ask(`${web.url}/metrics`);
    expect([status, headers['retry-after'], text]).toEqual([503, '1', '8 scrapes are under way already\n']);
  });

  it('shows nothing of an internal error but a line, and logs it', async () => {
    const logger = new RecordingLogger();
    const collect: Collect = () => Promise.reject(new Error('secret at /srv/app.js:1'));
    await using web = await start({ ...collecting(collect), logger });
    const { status, text } = await ask(`${web.url}/metrics`);
    expect([status, text]).toEqual([500, "internal error: see the exporter's log\n"]);
    expect(logger.lines).toEqual([
      {
        level: 'error',
        message: 'a request failed',
        fields: { path: '/metrics', error: expect.stringContaining('secret at') as string },
      },
    ]);
  });

  it.each([
    ['http://[/metrics', '400 Bad Request'],
    ['http://other/metrics', '200 OK'],
    ['//[/metrics', '404 Not Found'],
  ])('reads the request target %s: %s', async (target, status) => {
    await using web = await start(collecting(() => Promise.resolve(new FakeMerged(['a 1\n']))));
    const socket = connect(web.port, '127.0.0.1');
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\n`));
    expect(answer).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/);
  });

  it('aborts the scrape when the client leaves, and logs no error', async () => {
    const logger = new RecordingLogger();
    let scrape: AbortSignal | undefined;
    const collect: Collect = (_request, _names, signal) => {
      scrape = signal;
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    };
    await using web = await start({ ...collecting(collect), logger });
    const socket = connect(web.port, '127.0.0.1');
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => scrape !== undefined);
    expect(scrape?.aborted).toBe(false);
    socket.destroy();
    await until(() => scrape?.aborted === true);
    expect((await ask(`${web.url}/health`)).status).toBe(200);
    expect(logger.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('does not abort the signal of an answer that was sent', async () => {
    let scrape: AbortSignal | undefined;
    const collect: Collect = (_request, _names, signal) => {
      scrape = signal;
      return Promise.resolve(new FakeMerged(['a 1\n']));
    };
    await using web = await start(collecting(collect));
    await ask(`${web.url}/metrics`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(scrape?.aborted).toBe(false);
  });

  it('releases an exposition that comes after the client has left', async () => {
    const merged = new FakeMerged(['a 1\n']);
    let finish: (() => void) | undefined;
    let hasLeft = false;
    const collect: Collect = (_request, _names, signal) => {
      signal.addEventListener('abort', () => (hasLeft = true));
      return new Promise((resolve) => (finish = (): void => resolve(merged)));
    };
    await using web = await start(collecting(collect));
    const socket = connect(web.port, '127.0.0.1');
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => finish !== undefined);
    socket.destroy();
    await until(() => hasLeft);
    finish?.();
    await until(() => merged.released === 1);
  });

  it.each(['gzip', 'identity'])(
    'releases a large exposition whose client leaves midway (%s)',
    async (accepted) => {
      const noise = Buffer.alloc(1 << 20);
      for (let i = 0; i < noise.length; i++) noise[i] = Math.random() * 256;
      const merged = new FakeMerged(Array.from({ length: 16 }, () => noise));
      const logger = new RecordingLogger();
      await using web = await start({ ...collecting(() => Promise.resolve(merged)), logger });
      const socket = connect(web.port, '127.0.0.1');
      socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${accepted}\r\n\r\n`);
      await new Promise((resolve) => socket.once('data', resolve));
      expect(merged.released).toBe(0);
      socket.resetAndDestroy();
      await until(() => merged.released === 1);
      expect((await ask(`${web.url}/health`)).status).toBe(200);
      expect(logger.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
    },
  );

  it('keeps the connection for the next request', async () => {
    await using web = await start();
    const socket = connect(web.port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    for (let i = 1; i <= 2; i++) {
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => received.split('a 1\n').length === i + 1);
    }
    socket.destroy();
  });
});

describe('/targets/<id>/metrics', () => {
  function answering(answer: TargetExposition): Partial<RouterParts> {
    const parts = routerParts();
    return {
      collectMetrics: {
        ...parts.collectMetrics,
        collectTarget: (_request, id) =>
          Promise.resolve(id === '0123456789abcdef' ? answer : { kind: 'unknown' }),
      },
      listTargets: {
        ...parts.listTargets,
        findId: (text) =>
          Promise.resolve('0123456789abcdef'.startsWith(text) ? '0123456789abcdef' : undefined),
      },
    };
  }

  it('answers with the exposition of the target that the id or its beginning names', async () => {
    const merged = new FakeMerged(['only 1\n']);
    await using web = await start(answering({ kind: 'merged', merged }));
    for (const id of ['0123456789ab', '0123456789abcdef']) {
      const { status, text } = await ask(`${web.url}/targets/${id}/metrics`);
      expect([status, text]).toEqual([200, 'only 1\n']);
    }
    expect(merged.released).toBe(2);
  });

  it.each([
    ['http_status', 'the answer was 500', 502],
    ['timeout', 'no answer within 5000 ms', 504],
    ['queued', 'never started', 504],
  ] as const)('%s: one line that says why', async (reason, detail, expected) => {
    await using web = await start(answering({ kind: 'failed', failure: failure(reason, detail) }));
    const { status, text } = await ask(`${web.url}/targets/0123456789ab/metrics`);
    expect([status, text]).toEqual([expected, `${reason}: ${detail}\n`]);
  });

  it.each(['ffffffffffff', '..%2f..%2fetc', '%zz', '%3Cscript%3E'])(
    'an unknown id is 404: %s',
    async (id) => {
      await using web = await start(answering({ kind: 'unknown' }));
      const { status, text } = await ask(`${web.url}/targets/${id}/metrics`);
      expect([status, text]).toEqual([404, 'no target with a valid endpoint has this id: see /targets\n']);
    },
  );
});

describe('health', () => {
  it.each(['/-/healthy', '/health'])('%s is alive, whatever Docker says', async (path) => {
    await using web = await start({ readiness: () => Promise.resolve('the daemon does not answer') });
    const { status, text } = await ask(web.url + path);
    expect([status, text]).toEqual([200, 'ok\n']);
  });

  it('/-/ready follows the readiness', async () => {
    const problems = [undefined, 'the Docker daemon does not answer'];
    await using web = await start({ readiness: () => Promise.resolve(problems.shift()) });
    expect(await ask(`${web.url}/-/ready`)).toMatchObject({ status: 200, text: 'ready\n' });
    expect(await ask(`${web.url}/-/ready`)).toMatchObject({
      status: 503,
      text: 'not ready: the Docker daemon does not answer\n',
    });
  });
});

describe('paths and methods', () => {
  const paths = [
    '/',
    '/targets',
    '/api/v1/targets',
    '/metrics',
    '/health',
    '/-/healthy',
    '/-/ready',
    '/targets/0123456789ab/metrics',
  ];

  it.each(paths)('POST, PUT, DELETE, OPTIONS and TRACE of %s are 405 with Allow', async (path) => {
    await using web = await start();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
      const { status, headers } = await ask(web.url + path, {}, method);
      expect([method, status, headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    }
  });

  it.each(['/nothing', '/metrics/x', '/-/quit', '/api/v1', '/%ff'])('%s is 404', async (path) => {
    await using web = await start();
    const { status, text, headers } = await ask(web.url + path);
    expect([status, text]).toEqual([404, 'not found: / lists what is here\n']);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('works under a prefix of a foreign app, which keeps its own 404', async () => {
    const app = new Koa();
    const outer = new Router({ prefix: '/internal' });
    outer.use(createRouter(routerParts()).routes());
    app.use(outer.routes());
    const handle = app.callback();
    await using web = await listen((req, res) => void handle(req, res));
    expect(await ask(`${web.url}/internal/metrics`)).toMatchObject({ status: 200, text: 'a 1\n' });
    expect(await ask(`${web.url}/internal/health`, {}, 'POST')).toMatchObject({ status: 405 });
    expect(await ask(`${web.url}/internal/nothing`)).toMatchObject({ status: 404, text: 'Not Found' });
    expect(await ask(`${web.url}/metrics`)).toMatchObject({ status: 404, text: 'Not Found' });
  });
});
