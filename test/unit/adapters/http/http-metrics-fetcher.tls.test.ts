import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { HttpMetricsFetcher } from '../../../../src/adapters/http/http-metrics-fetcher.ts';
import type { FetchOutcome, FetchRequest } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import { CountingBodyStore } from '../../../support/counting-body-store.ts';
import { aRequest, NEVER } from '../../../support/fakes.ts';
import { TestAuthority } from '../../../support/openssl.ts';
import { aTarget } from '../../../support/targets.ts';

const folder = mkdtempSync(join(tmpdir(), 'http-tls-'));
const authority = new TestAuthority(folder);
const pair = authority.issue('target', 'IP:127.0.0.1,DNS:localhost', 'serverAuth');
const fetcher = new HttpMetricsFetcher({ bodies: new CountingBodyStore(), version: '1.2.3' });
const connections: TLSSocket[] = [];
const requests: string[] = [];
const servers: Server[] = [];
const LOOPBACK = { kind: 'ip', host: '127.0.0.1' } as const;
const UNVERIFIED = { scheme: 'https', verifiesTls: false, warnings: [] } as const;
let answerDelayMs = 0;
const PLAIN = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nm 1\n');
let answer: Buffer = PLAIN;

async function listen(server: Server, host: string): Promise<number> {
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function tlsServer(): Server {
  const options = { key: readFileSync(pair.key), cert: readFileSync(pair.cert), ALPNProtocols: ['http/1.1'] };
  return createServer(options, (socket) => {
    connections.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      requests.push(bytes.toString());
      setTimeout(() => socket.write(answer), answerDelayMs);
    });
  });
}

const port = await listen(tlsServer(), '127.0.0.1');

beforeEach(() => {
  connections.length = 0;
  requests.length = 0;
  answerDelayMs = 0;
  answer = PLAIN;
});

afterAll(() => {
  fetcher.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

function fetch(
  id: string,
  verifiesTls: boolean,
  at = { host: '127.0.0.1', port },
  signal = NEVER,
): Promise<FetchOutcome> {
  const options = { scheme: 'https', verifiesTls, warnings: [] } as const;
  const target = aTarget({ id, address: { kind: 'ip', host: at.host }, options });
  const endpoint = { port: at.port, path: '/metrics' };
  return fetcher.fetch(aRequest({ target, endpoint, maxBodyBytes: 1_000_000 }), signal);
}

function refused(detail: string): unknown {
  return { ok: false, reason: 'connection_failed', detail: expect.stringContaining(detail) as string };
}

it('accepts any certificate if it is not to be verified, and keeps the connection', async () => {
  for (let i = 0; i < 3; i++)
    expect(await fetch('a', false)).toMatchObject({ ok: true, body: { byteLength: 4 } });
  expect(connections).toHaveLength(1);
  expect(connections[0]).toMatchObject({ alpnProtocol: 'http/1.1', servername: false });
  expect(requests[0]).toContain(`\r\nHost: 127.0.0.1:${port}\r\n`);
});

it('sends each request once', async () => {
  for (let i = 0; i < 3; i++) expect(await fetch('h', false)).toMatchObject({ ok: true });
  expect(requests.join('').match(/GET /g)).toHaveLength(3);
});

// TLS hands over what it has decrypted already, though reading has been stopped.
it('keeps the connection after a body that is unpacked more slowly than it arrives', async () => {
  const body = randomBytes(150_000);
  const packed = gzipSync(body);
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`;
  answer = Buffer.concat([Buffer.from(head), packed]);
  for (let i = 0; i < 10; i++) {
    const outcome = await fetch('i', false, undefined, AbortSignal.timeout(20_000));
    expect(outcome).toMatchObject({ ok: true, body: { byteLength: body.length } });
  }
  expect(connections).toHaveLength(1);
});

it('names the server in the handshake where the address is a name', async () => {
  expect(await fetch('b', false, { host: 'localhost', port })).toMatchObject({ ok: true });
  expect(connections[0]).toMatchObject({ servername: 'localhost' });
});

it('gives up a connection that is not there in time, and only that', async () => {
  const silent = await listen(createTcpServer(), '127.0.0.1');
  const connectTimeoutMs = 1500;
  const target = (id: string, at: number): FetchRequest => ({
    ...aRequest({ target: aTarget({ id, address: LOOPBACK, options: UNVERIFIED }), connectTimeoutMs }),
    endpoint: { port: at, path: '/metrics' },
  });
  expect(await fetcher.fetch(target('d', silent), NEVER)).toEqual(refused('connecting took too long'));
  answerDelayMs = 2000;
  expect(await fetcher.fetch(target('e', port), NEVER)).toMatchObject({ ok: true });
});

it('sends nothing to a server whose certificate is refused', async () => {
  expect(await fetch('c', true)).toEqual(refused('UNABLE_TO_VERIFY_LEAF_SIGNATURE'));
  expect(requests).toEqual([]);
});

describe('with a trusted authority', () => {
  const trusted = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...trusted, readFileSync(authority.cert, 'utf8')]));
  afterAll(() => setDefaultCACertificates(trusted));

  it('verifies the certificate, by address and by name', async () => {
    expect(await fetch('d', true)).toMatchObject({ ok: true });
    expect(await fetch('e', true, { host: 'localhost', port })).toMatchObject({ ok: true });
  });

  it('refuses it at another address', async () => {
    const other = { host: '127.0.0.2', port: await listen(tlsServer(), '127.0.0.2') };
    expect(await fetch('f', true, other)).toEqual(refused('ERR_TLS_CERT_ALTNAME_INVALID'));
    expect(requests).toEqual([]);
  });
});

it('explains a target that speaks HTTP without TLS', async () => {
  const plain = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const at = { host: '127.0.0.1', port: await listen(plain, '127.0.0.1') };
  expect(await fetch('g', false, at)).toEqual(refused('wrong version number'));
});
