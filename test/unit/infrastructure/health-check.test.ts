import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { runHealthCheck } from '../../../src/infrastructure/health-check.ts';

const OPEN = { webConfigFile: undefined, httpAllowCidrs: [] };
const WEB_CONFIG = { webConfigFile: '/nonexistent/web.yml', httpAllowCidrs: [] };
const ALLOW_LIST = {
  webConfigFile: undefined,
  httpAllowCidrs: [{ family: 'ipv4', address: '10.0.0.0', prefix: 8 } as const],
};
const TLS_ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 40]);

type Behaviour = (socket: Socket) => void;

const answers =
  (status: string): Behaviour =>
  (socket) =>
    void socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`));
const closes: Behaviour = (socket) => void socket.destroy();
const alerts: Behaviour = (socket) => void socket.once('data', () => socket.end(TLS_ALERT));
const isSilent: Behaviour = (socket) => void socket.resume();
const babbles: Behaviour = (socket) => void socket.write('x'.repeat(300));
/** The answer of Node.js to a TLS handshake at a port for plain HTTP. */
const isPlain =
  (status: number): Behaviour =>
  (socket) =>
    void socket.once('data', (chunk: Buffer) =>
      socket.end(
        `HTTP/1.1 ${chunk.toString('latin1').startsWith('GET /-/healthy ') ? status : 400} X\r\n\r\n`,
      ),
    );

describe('runHealthCheck', () => {
  let server: Server | undefined;
  const sockets = new Set<Socket>();

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server?.close(resolve));
  });

  async function listen(behaviour: Behaviour, host: string): Promise<number> {
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      behaviour(socket);
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, host, resolve));
    return (listening.address() as AddressInfo).port;
  }

  async function check(
    guards: typeof OPEN | typeof WEB_CONFIG | typeof ALLOW_LIST,
    behaviour: Behaviour,
    host = '127.0.0.1',
    lines: string[] = [],
  ): Promise<number> {
    const settings = { ...guards, httpListenAddress: host, httpListenPort: await listen(behaviour, host) };
    return runHealthCheck(settings, (line) => lines.push(line), 300);
  }

  it.each([
    ['no guard, 200', OPEN, answers('200 OK'), 0],
    ['no guard, 404', OPEN, answers('404 Not Found'), 1],
    ['no guard, 503', OPEN, answers('503 Service Unavailable'), 1],
    ['no guard, closed', OPEN, closes, 1],
    ['no guard, a TLS alert', OPEN, alerts, 1],
    ['no guard, silence', OPEN, isSilent, 1],
    ['no guard, not HTTP', OPEN, babbles, 1],
    ['allow list, 200', ALLOW_LIST, answers('200 OK'), 0],
    ['allow list, turned away', ALLOW_LIST, closes, 0],
    ['allow list, silence', ALLOW_LIST, isSilent, 1],
    ['allow list, 503', ALLOW_LIST, answers('503 Service Unavailable'), 1],
    ['web configuration, a TLS alert', WEB_CONFIG, alerts, 0],
    ['web configuration, plain HTTP with basic auth', WEB_CONFIG, isPlain(401), 0],
    ['web configuration, another program', WEB_CONFIG, isPlain(404), 1],
    ['web configuration, turned away', WEB_CONFIG, closes, 0],
    ['web configuration, silence', WEB_CONFIG, isSilent, 1],
  ])('%s', async (_what, guards, behaviour, expected) => {
    expect(await check(guards, behaviour)).toBe(expected);
  });

  it.each(['0.0.0.0', '::', '::1', '127.0.0.9'])('reaches a server that listens on %s', async (host) => {
    expect(await check(OPEN, answers('200 OK'), host)).toBe(0);
  });

  it.each([OPEN, WEB_CONFIG, ALLOW_LIST])('fails when nobody listens: %j', async (guards) => {
    const port = await listen(closes, '127.0.0.1');
    await new Promise((resolve) => server?.close(resolve));
    const lines: string[] = [];
    const settings = { ...guards, httpListenAddress: '127.0.0.1', httpListenPort: port };
    expect(await runHealthCheck(settings, (line) => lines.push(line))).toBe(1);
    expect(lines).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  it('reports the reason', async () => {
    const lines: string[] = [];
    await check(OPEN, isSilent, '127.0.0.1', lines);
    expect(lines).toEqual([expect.stringMatching(/^unhealthy: 127\.0\.0\.1 port \d+: no answer in time$/)]);
  });
});
