import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseCidrs } from '../../../../src/adapters/web/allow-list.ts';
import type { PasswordComparer } from '../../../../src/adapters/web/auth/password-comparer.ts';
import { WebServer } from '../../../../src/adapters/web/web-server.ts';
import { delay, RecordingLogger } from '../../../support/fakes.ts';
import { ask, type WebAnswer } from '../../../support/web-client.ts';

const HASH = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const WRONG_HASH = '$2y$04$abcdefghijklmnopqrstuuxgaAVrATsv2cxAkEB3ENsaS.NPyRuGO';
const ALICE = { authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` };
const hello: RequestListener = (_request, response) => void response.end('hello');

/** Ends when its connection is closed. */
const RETURNING_CLIENT = `
  import { once } from 'node:events';
  import { connect } from 'node:net';
  const port = Number(process.argv[1]);
  const open = async (path, localPort) => {
    const socket = connect({ host: '127.0.0.1', port, localPort });
    await once(socket, 'connect');
    socket.write('GET ' + path + ' HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');
    return socket;
  };
  const first = await open('/');
  await once(first, 'data');
  const busy = await open('/busy');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { localPort } = first;
  first.resetAndDestroy();
  await once(first, 'close');
  const second = await open('/', localPort);
  await once(second, 'data');
  busy.destroy();
  console.log('back');
  second.resume();
`;

describe('WebServer', () => {
  let folder: string;
  let file: string;
  let logger: RecordingLogger;
  let server: WebServer | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'web-server-'));
    file = join(folder, 'web.yml');
    logger = new RecordingLogger();
  });
  afterEach(async () => {
    const closed = server?.close();
    server?.closeAllConnections();
    await closed;
    rmSync(folder, { recursive: true });
  });

  async function start(
    options: {
      config?: string;
      allow?: string;
      handler?: RequestListener;
      address?: string;
      passwordComparer?: PasswordComparer;
    } = {},
  ): Promise<number> {
    if (options.config !== undefined) writeFileSync(file, options.config);
    server = new WebServer({
      configFile: options.config === undefined ? undefined : file,
      allowCidrs: options.allow === undefined ? [] : parseCidrs(options.allow).cidrs,
      logger,
      handler: options.handler ?? hello,
      ...(options.passwordComparer !== undefined && { passwordComparer: options.passwordComparer }),
    });
    const { port } = await server.listen(options.address ?? '127.0.0.1', 0);
    return port;
  }
  const get = (port: number, headers = {}, method = 'GET'): Promise<WebAnswer> =>
    ask(`http://127.0.0.1:${port}/`, headers, method);

  it('serves plain HTTP without a configuration', async () => {
    const port = await start();
    expect(await get(port)).toMatchObject({ status: 200, text: 'hello' });
  });

  it('rejects to listen on a port that is taken', async () => {
    const port = await start();
    const other = new WebServer({ configFile: undefined, allowCidrs: [], logger, handler: hello });
    await expect(other.listen('127.0.0.1', port)).rejects.toThrow('EADDRINUSE');
    await other.close();
  });

  it('closes both connections of a peer that has one port for two of our addresses', async () => {
    const port = await start({ address: '0.0.0.0' });
    const first = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.3' });
    await once(first, 'connect');
    const again = { localAddress: '127.0.0.3', localPort: first.localPort };
    const second = connect({ host: '127.0.0.2', port, ...again });
    await once(second, 'connect');
    await Promise.all(
      [first, second].map(async (socket) => {
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        await once(socket, 'data');
      }),
    );
    const closed = Promise.all([once(first, 'close'), once(second, 'close')]);
    for (const socket of [first, second]) socket.resume();
    await server?.close();
    await closed;
  });

  it('closes the connection of a peer that was cut and came back with the same port meanwhile', async () => {
    const port = await start({
      handler: (request, response) => {
        // Blocks the event loop.
        for (const endsMs = Date.now() + 500; request.url === '/busy' && Date.now() < endsMs;);
        response.end('hello');
      },
    });
    const client = spawn(process.execPath, ['--input-type=module', '-e', RETURNING_CLIENT, String(port)]);
    expect(String(await once(client.stdout, 'data'))).toBe('back\n');
    const closed = once(client, 'close');
    await server?.close();
    expect(await closed).toEqual([0, null]);
  });

  describe('with HTTP_ALLOW_CIDRS', () => {
    it.each([
      ['127.0.0.0/8', '127.0.0.1', true],
      ['10.0.0.0/8', '127.0.0.1', false],
      ['127.0.0.0/8', '::', true],
      ['10.0.0.0/8', '::', false],
      ['::/0', '::', false],
    ])('%s, listening on %s: serves 127.0.0.1: %s', async (allow, address, isServed) => {
      const port = await start({ allow, address });
      const answer = get(port, { 'X-Forwarded-For': '10.0.0.1' }).then(
        ({ status }) => status,
        () => 'refused',
      );
      expect(await answer).toBe(isServed ? 200 : 'refused');
    });

    it('disconnects a client with another address before it has sent anything, and logs that', async () => {
      const port = await start({ allow: '10.0.0.0/8', address: '0.0.0.0' });
      const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.7' });
      await new Promise((resolve) => socket.once('close', resolve));
      expect(logger.lines.map(({ fields }) => fields)).toEqual([
        expect.objectContaining({ kind: 'address', peer: '127.0.0.7', reason: 'not in HTTP_ALLOW_CIDRS' }),
      ]);
    });
  });

  describe('with basic auth', () => {
    const config = `http_server_config:\n  headers:\n    X-Frame-Options: deny\nbasic_auth_users:\n  alice: ${HASH}\n`;

    it('lets in who knows the password', async () => {
      expect(await get(await start({ config }), ALICE)).toMatchObject({ status: 200, text: 'hello' });
    });

    it.each([
      ['nobody', {}],
      ['a wrong password', { authorization: `Basic ${Buffer.from('alice:guess').toString('base64')}` }],
      ['a wrong user', { authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` }],
    ])('refuses %s', async (_who, headers) => {
      const answer = await get(await start({ config }), headers);
      expect(answer).toMatchObject({ status: 401, text: 'Unauthorized\n' });
      expect(answer.headers).toMatchObject({
        'www-authenticate': 'Basic realm="ecs-service-metrics-exporter", charset="UTF-8"',
        'x-frame-options': 'deny',
      });
    });

    it('exempts no path', async () => {
      const port = await start({ config });
      for (const path of ['/-/healthy', '/health', '/-/ready', '/metrics', '/a%2fb']) {
        expect((await ask(`http://127.0.0.1:${port}${path}`)).status).toBe(401);
      }
    });

    it('is 429 while too many passwords wait', async () => {
      const port = await start({ config });
      const guess = (i: number): Promise<WebAnswer> =>
        get(port, { authorization: `Basic ${Buffer.from(`alice:${i}`).toString('base64')}` });
      const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => guess(i)));
      const busy = answers.filter(({ status }) => status === 429);
      expect(busy.length).toBeGreaterThan(0);
      expect(busy[0]?.headers['retry-after']).toBe('2');
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
      expect((await get(port, ALICE)).status).toBe(200);
    });

    it('frees the places of waiting clients that have disconnected', async () => {
      let finish: (isEqual: boolean) => void = () => undefined;
      const port = await start({
        config,
        passwordComparer: {
          compare: () => new Promise((resolve) => (finish = resolve)),
          close: () => Promise.resolve(),
        },
      });
      const guesses = ['a', 'b', 'c', 'd', 'e'].map((guess) => {
        const socket = connect(port, '127.0.0.1');
        const authorization = `Basic ${Buffer.from(`alice:${guess}`).toString('base64')}`;
        socket.write(`GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n\r\n`);
        return socket;
      });
      await delay(250);
      expect((await get(port, ALICE)).status).toBe(429);
      for (const socket of guesses) socket.destroy();
      await delay(250);
      const answer = get(port, ALICE);
      await delay(250);
      finish(false);
      await delay(250);
      finish(true);
      expect((await answer).status).toBe(200);
    });

    it('follows the file', async () => {
      const port = await start({ config });
      expect((await get(port, ALICE)).status).toBe(200);
      writeFileSync(file, `basic_auth_users:\n  alice: ${WRONG_HASH}\n`);
      expect((await get(port, ALICE)).status).toBe(401);
      writeFileSync(file, 'basic_auth_users: [broken');
      expect((await get(port, ALICE)).status).toBe(401);
      writeFileSync(file, config);
      expect((await get(port, ALICE)).status).toBe(200);
    });
  });

  it('limits the rate', async () => {
    const port = await start({ config: 'rate_limit:\n  interval: 1h\n  burst: 2\n' });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await get(port)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  describe('closing', () => {
    /** A handler whose response the test ends. */
    function held(): { handler: RequestListener; arrived: Promise<ServerResponse> } {
      const { promise, resolve } = Promise.withResolvers<ServerResponse>();
      return { handler: (_request, response) => resolve(response), arrived: promise };
    }
    async function open(
      port: number,
      text: string,
    ): Promise<Socket & { received: string; ended: Promise<unknown> }> {
      const socket = connect(port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      const watched = Object.assign(socket, {
        received: '',
        ended: new Promise((r) => socket.once('close', r)),
      });
      socket.on('data', (chunk: Buffer) => (watched.received += chunk.toString()));
      socket.on('error', () => undefined);
      socket.write(text);
      return watched;
    }
    const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

    it.each([false, true])(
      'finishes the response in flight (headers sent: %s), then its connection',
      async (isSent) => {
        const { handler, arrived } = held();
        const port = await start({ handler });
        const client = await open(port, REQUEST);
        const response = await arrived;
        if (isSent) response.write('first ');
        const closed = server!.close();
        await delay(20);
        response.end('last');
        await client.ended;
        await closed;
        expect(client.received).toContain('last');
        expect(client.received.includes('Connection: close')).toBe(!isSent);
      },
    );

    it.each([true, false])('waits for who reads an answer slowly (connection kept: %s)', async (isKept) => {
      const size = 12_000_000;
      const port = await start({ handler: (_request, response) => void response.end(Buffer.alloc(size)) });
      const socket = connect(port, '127.0.0.1');
      socket.write(isKept ? REQUEST : REQUEST.replace('Host: a', 'Host: a\r\nConnection: close'));
      await once(socket, 'readable');
      const closed = server!.close();
      await delay(20);
      expect((await buffer(socket)).length).toBeGreaterThan(size);
      await closed;
    });

    it.each([
      ['between two requests', REQUEST],
      ['without a request', ''],
    ])('closes a connection %s at once', async (_what, text) => {
      const client = await open(await start(), text);
      await delay(30);
      await server!.close();
      await client.ended;
    });

    it('accepts no new connection', async () => {
      const { handler, arrived } = held();
      const port = await start({ handler });
      const client = await open(port, REQUEST);
      const response = await arrived;
      const closed = server!.close();
      await expect(get(port)).rejects.toThrow('ECONNREFUSED');
      response.end();
      await Promise.all([closed, client.ended]);
    });

    it('cuts off what is left on demand', async () => {
      const { handler, arrived } = held();
      const client = await open(await start({ handler }), REQUEST);
      await arrived;
      const closed = server!.close();
      server!.closeAllConnections();
      await Promise.all([closed, client.ended]);
      expect(client.received).toBe('');
    });
  });

  it('answers a handler that throws by closing the connection, and goes on', async () => {
    let calls = 0;
    const port = await start({
      handler: (_request, response) => {
        if (calls++ === 0) throw new Error('broken');
        response.end('hello');
      },
    });
    await expect(get(port)).rejects.toThrow();
    expect((await get(port)).status).toBe(200);
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual(['error request failed']);
  });
});
