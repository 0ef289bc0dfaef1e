import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

import { WebServer } from '../../src/adapters/web/web-server.ts';
import { RecordingLogger } from '../support/fakes.ts';
import { type KeyPair, TestAuthority } from '../support/openssl.ts';
import { until } from '../support/until.ts';
import { ask } from '../support/web-client.ts';

const HASH = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const LOCALHOST = 'DNS:localhost,IP:127.0.0.1';

let folder: string;
let ca: TestAuthority;
let client: KeyPair;
let stranger: KeyPair;
let server: WebServer;
let port: number;
/** Which certificate each answered request saw. */
let served: (string | undefined)[];

const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'web-config-clients-'));
  ca = new TestAuthority(folder);
  ca.issue('server', LOCALHOST, 'serverAuth');
  client = ca.issue('client', 'DNS:prometheus', 'clientAuth');
  stranger = new TestAuthority(folder, 'other-ca').issue('stranger', 'DNS:prometheus', 'clientAuth');
  writeFileSync(
    path('web.yml'),
    `tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
basic_auth_users:
  alice: ${HASH}
`,
  );
  served = [];
  server = new WebServer({
    configFile: path('web.yml'),
    allowCidrs: [],
    logger: new RecordingLogger(),
    handler: (request, response) => {
      const { socket } = request;
      const certificate = socket instanceof TLSSocket ? socket.getCertificate() : null;
      served.push((certificate as { subject?: { CN?: string } } | null)?.subject?.CN);
      response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
      response.end('# TYPE served counter\nserved 1\n');
    },
  });
  ({ port } = await server.listen('127.0.0.1', 0));
});
afterAll(async () => {
  const closed = server.close();
  server.closeAllConnections();
  await closed;
  rmSync(folder, { recursive: true });
});

describe('curl', () => {
  const curl = async (...args: readonly string[]): Promise<string> => {
    const url = `https://localhost:${port}/metrics`;
    const all = ['-q', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--cacert', ca.cert, ...args, url];
    try {
      return (await promisify(execFile)('curl', all)).stdout;
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  const certificate = ({ cert, key }: KeyPair): readonly string[] => ['--cert', cert, '--key', key];
  const password = (text: string): readonly string[] => ['--user', `alice:${text}`];

  it.each<[string, string, () => readonly string[]]>([
    ['everything right', '200', () => [...certificate(client), ...password('secret')]],
    [
      'everything right by TLS 1.2',
      '200',
      () => [...certificate(client), ...password('secret'), '--tls-max', '1.2'],
    ],
    ['a wrong password', '401', () => [...certificate(client), ...password('guess')]],
    ['no password', '401', () => certificate(client)],
    ['no client certificate', '000', () => password('secret')],
    ['a foreign client certificate', '000', () => [...certificate(stranger), ...password('secret')]],
    [
      'TLS 1.1',
      '000',
      () => [
        ...certificate(client),
        ...password('secret'),
        '--tlsv1.0',
        '--tls-max',
        '1.1',
        '--ciphers',
        'ALL:@SECLEVEL=0',
      ],
    ],
  ])('with %s: %s', async (_what, status, args) => {
    expect(await curl(...args())).toBe(status);
  });
});

describe('Prometheus', () => {
  it('scrapes with certificate and password, through an exchange of the certificate', async () => {
    const job = (name: string, password: string, pair: KeyPair): string => `
  - job_name: ${name}
    scheme: https
    tls_config: { ca_file: ${ca.cert}, cert_file: ${pair.cert}, key_file: ${pair.key} }
    basic_auth: { username: alice, password: ${password} }
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]`;
    const jobs =
      job('right', 'secret', client) + job('password', 'guess', client) + job('stranger', 'secret', stranger);
    writeFileSync(
      path('prometheus.yml'),
      `global: { scrape_interval: 2s, scrape_timeout: 2s }\nscrape_configs:${jobs}\n`,
    );
    await using prometheus = await startPrometheus();

    const ups = 'count_over_time(up[5m])';
    const untilScraped = async (job: string, times: number): Promise<void> =>
      until(
        async () => Number((await prometheus.query(ups))[job]) >= times,
        'Prometheus does not scrape',
        30_000,
      );
    await untilScraped('stranger', 2);
    const before = served.length;
    const renewed = ca.issue('renewed', LOCALHOST, 'serverAuth');
    copyFileSync(renewed.cert, path('server.crt'));
    copyFileSync(renewed.key, path('server.key'));
    await until(() => served.slice(before).includes('renewed'), 'the new certificate is not served', 30_000);
    const after = Number((await prometheus.query(ups))['right']) + 2;
    await untilScraped('right', after);

    expect(await prometheus.query('min_over_time(up[5m])')).toEqual({
      right: '1',
      password: '0',
      stranger: '0',
    });
    expect(await prometheus.query('max_over_time(up[5m])')).toEqual({
      right: '1',
      password: '0',
      stranger: '0',
    });
    expect(await prometheus.query('served')).toEqual({ right: '1' });
    expect(new Set(served.slice(served.indexOf('renewed')))).toEqual(new Set(['renewed']));
  });
});

interface Prometheus extends AsyncDisposable {
  /** Values of an instant query by job. */
  query(expression: string): Promise<Record<string, string>>;
}

async function startPrometheus(): Promise<Prometheus> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${path('prometheus.yml')}`,
      `--storage.tsdb.path=${path('tsdb')}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
    ],
    { stdio: 'ignore' },
  );
  await until(
    () =>
      ask(`${url}/-/ready`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    'Prometheus does not start',
    60_000,
  );
  return {
    query: async (expression) => {
      const { text } = await ask(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = JSON.parse(text) as {
        data: { result: { metric: { job: string }; value: [number, string] }[] };
      };
      return Object.fromEntries(data.result.map(({ metric, value }) => [metric.job, value[1]]));
    },
    [Symbol.asyncDispose]: () => kill(child),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
