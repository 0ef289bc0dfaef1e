import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, TLSSocket } from 'node:tls';

import { parseCidrs } from '../../src/adapters/web/allow-list.ts';
import { WebConfigError } from '../../src/adapters/web/config/web-config.ts';
import { WebServer } from '../../src/adapters/web/web-server.ts';
import { runHealthCheck } from '../../src/infrastructure/health-check.ts';
import { delay, RecordingLogger } from '../support/fakes.ts';
import { type KeyPair, TestAuthority } from '../support/openssl.ts';
import { until } from '../support/until.ts';

const HASH = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const USERS = `basic_auth_users:\n  alice: ${HASH}\n`;
const LOCALHOST = 'DNS:localhost,IP:127.0.0.1';
/** OpenSSL speaks versions below TLS 1.2 at this level only. */
const OLD_TLS = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;

interface Served {
  readonly status: number;
  readonly serverName: string;
  readonly socket: TLSSocket;
}

let folder: string;
let ca: TestAuthority;
let first: KeyPair;
let second: KeyPair;
let client: KeyPair;
let stranger: KeyPair;

/** The folder of the test at hand, where the configuration and its certificates lie. */
let file: string;
let logger: RecordingLogger;
let server: WebServer | undefined;
let port: number;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'web-config-'));
  ca = new TestAuthority(folder);
  first = ca.issue('first', LOCALHOST, 'serverAuth');
  second = ca.issue('second', LOCALHOST, 'serverAuth');
  client = ca.issue('client', 'DNS:prometheus.example,URI:spiffe://cluster/prometheus', 'clientAuth');
  stranger = new TestAuthority(folder, 'other-ca').issue('stranger', 'DNS:prometheus.example', 'clientAuth');
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  logger = new RecordingLogger();
  file = join(mkdtempSync(join(folder, 'test-')), 'web.yml');
  place(first);
  copyFileSync(ca.cert, beside('ca.crt'));
});
afterEach(async () => {
  const closed = server?.close();
  server?.closeAllConnections();
  await closed;
  server = undefined;
});

const beside = (name: string): string => join(file, '..', name);

function place(pair: KeyPair): void {
  copyFileSync(pair.cert, beside('server.crt'));
  copyFileSync(pair.key, beside('server.key'));
}

const tls = (lines = ''): string =>
  `tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n${lines}`;
const mutual = (type: string, lines = ''): string =>
  tls(`  client_ca_file: ca.crt\n  client_auth_type: ${type}\n${lines}`);

async function start(config: string, allow = ''): Promise<void> {
  writeFileSync(file, config);
  server = new WebServer({
    configFile: file,
    allowCidrs: allow === '' ? [] : parseCidrs(allow).cidrs,
    logger,
    handler: (incoming, response) => void response.end(`you asked for ${incoming.url}\n`),
  });
  ({ port } = await server.listen('127.0.0.1', 0));
}

const withCertificate = (pair: KeyPair): RequestOptions => ({
  cert: readFileSync(pair.cert),
  key: readFileSync(pair.key),
});
const withPassword = (password: string): RequestOptions => ({ auth: `alice:${password}` });

/** One request over a new connection unless `options` has an agent. Rejects when it gets no whole answer. */
function get(options: RequestOptions = {}): Promise<Served> {
  return new Promise((resolve, reject) => {
    const all = {
      host: '127.0.0.1',
      port,
      path: '/metrics',
      ca: readFileSync(ca.cert),
      agent: false,
      ...options,
    };
    const sent = request(all, (response) => {
      const socket = response.socket;
      if (!(socket instanceof TLSSocket)) throw new Error('not TLS');
      // A session resumed in TLS 1.2 comes without the server's certificate.
      const subject = socket.getPeerCertificate().subject as { CN?: string } | undefined;
      const serverName = subject?.CN ?? '';
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, serverName, socket }));
      response.resume();
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The status, or "refused" if there was none. */
const outcome = (options?: RequestOptions): Promise<number | 'refused'> =>
  get(options).then(
    ({ status }) => status,
    () => 'refused',
  );

const health = (allow = ''): Promise<0 | 1> =>
  runHealthCheck(
    {
      httpListenAddress: '127.0.0.1',
      httpListenPort: port,
      webConfigFile: file,
      httpAllowCidrs: allow === '' ? [] : parseCidrs(allow).cidrs,
    },
    () => undefined,
  );

describe('TLS', () => {
  it.each<[string, RequestOptions, number | 'refused']>([
    ['', {}, 200],
    ['', { maxVersion: 'TLSv1.2' }, 200],
    ['', { ...OLD_TLS, maxVersion: 'TLSv1.1' }, 'refused'],
    ['  min_version: TLS13\n', { maxVersion: 'TLSv1.2' }, 'refused'],
    ['  min_version: TLS13\n', {}, 200],
    ['  max_version: TLS12\n', { minVersion: 'TLSv1.3' }, 'refused'],
    ['  min_version: TLS11\n', { ...OLD_TLS, maxVersion: 'TLSv1.1' }, 200],
    ['  min_version: TLS11\n', { ...OLD_TLS, maxVersion: 'TLSv1' }, 'refused'],
    ['  min_version: TLS10\n', { ...OLD_TLS, maxVersion: 'TLSv1' }, 200],
    ['  curve_preferences: [CurveP384]\n', { ecdhCurve: 'P-384' }, 200],
    ['  curve_preferences: [CurveP384]\n', { ecdhCurve: 'X25519' }, 'refused'],
    [
      '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
      200,
    ],
    [
      '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      'refused',
    ],
    ['  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n', { minVersion: 'TLSv1.3' }, 200],
  ])('with %j and a client that wants %j: %s', async (lines, options, expected) => {
    await start(tls(lines));
    expect(await outcome(options)).toBe(expected);
  });

  it('takes certificates from the configuration itself', async () => {
    const indented = (path: string): string => readFileSync(path, 'utf8').replaceAll('\n', '\n    ');
    await start(
      `tls_server_config:\n  cert: |\n    ${indented(first.cert)}\n  key: |\n    ${indented(first.key)}\n`,
    );
    expect(await get()).toMatchObject({ status: 200, serverName: 'first' });
  });

  it('speaks HTTP/1.1 to a client that would like HTTP/2', async () => {
    await start(tls());
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      ALPNProtocols: ['h2', 'http/1.1'],
      rejectUnauthorized: false,
    });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  it('asks for the password behind it', async () => {
    await start(tls() + USERS);
    expect(await Promise.all([{}, withPassword('guess'), withPassword('secret')].map(outcome))).toEqual([
      401, 401, 200,
    ]);
  });

  it('says nothing to an address that may not connect', async () => {
    await start(tls(), '10.0.0.0/8');
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    let received = 0;
    socket.on('data', (chunk) => (received += chunk.length));
    await new Promise((resolve) => socket.once('close', resolve));
    expect([received, await outcome()]).toEqual([0, 'refused']);
  });

  it('does not wait for a handshake when it closes', async () => {
    await start(tls());
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(Buffer.from([22, 3, 1, 2, 0]));
    await delay(20);
    await server?.close();
    socket.destroy();
  });
});

describe('client certificates', () => {
  it.each([
    ['NoClientCert', 200, 200, 200],
    ['RequestClientCert', 200, 200, 200],
    ['RequireAnyClientCert', 'refused', 200, 200],
    ['VerifyClientCertIfGiven', 200, 'refused', 200],
    ['RequireAndVerifyClientCert', 'refused', 'refused', 200],
  ])('%s', async (type, ...expected) => {
    await start(type === 'NoClientCert' ? tls(`  client_auth_type: ${type}\n`) : mutual(type));
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const clients = [{}, withCertificate(stranger), withCertificate(client)];
      expect(await Promise.all(clients.map((options) => outcome({ ...options, maxVersion })))).toEqual(
        expected,
      );
    }
  });

  it.each(['VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'])(
    '%s: a certificate of another authority is in the log',
    async (type) => {
      await start(mutual(type));
      expect(await outcome({ ...withCertificate(stranger), localAddress: '127.0.0.2' })).toBe('refused');
      await until(() => logger.lines.length > 0, 'nothing is logged');
      expect(logger.lines.map(({ level, fields }) => [level, fields?.['kind'], fields?.['reason']])).toEqual([
        ['warn', 'tls', expect.stringMatching(/^client certificate not verified: [A-Z_]+$/)],
      ]);
    },
  );

  it('says in a few words why a handshake failed', async () => {
    await start(mutual('RequireAndVerifyClientCert'));
    expect(await outcome({ localAddress: '127.0.0.2' })).toBe('refused');
    await until(() => logger.lines.length > 0, 'nothing is logged');
    expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
      [
        'warn',
        {
          kind: 'tls',
          peer: '127.0.0.2',
          reason: 'peer did not return a certificate',
          refused_since_last_line: 0,
        },
      ],
    ]);
  });

  it('says nothing about a client that leaves during the handshake', async () => {
    await start(mutual('RequireAndVerifyClientCert'));
    const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(Buffer.from([22, 3, 1, 2, 0]));
    await delay(50);
    socket.destroy();
    await delay(50);
    expect(logger.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it("refuses a server's certificate", async () => {
    await start(mutual('RequireAndVerifyClientCert'));
    expect(await outcome(withCertificate(first))).toBe('refused');
  });

  it.each([
    ['prometheus.example', 200],
    ['spiffe://cluster/prometheus', 200],
    ['other.example', 'refused'],
  ])('with client_allowed_sans [%s]: %s', async (name, expected) => {
    await start(mutual('RequireAndVerifyClientCert', `  client_allowed_sans: ["${name}"]\n`));
    expect(await outcome(withCertificate(client))).toBe(expected);
  });

  it.each(['RequireAnyClientCert', 'RequireAndVerifyClientCert'])(
    '%s holds in a resumed session, and no session survives a change of the authority',
    async (type) => {
      await start(mutual(type));
      const { socket } = await get({ ...withCertificate(client), maxVersion: 'TLSv1.2' });
      const again = { session: socket.getSession(), maxVersion: 'TLSv1.2' } as RequestOptions;
      const resumed = await get(again);
      expect([resumed.status, resumed.socket.isSessionReused()]).toEqual([200, true]);

      new TestAuthority(join(file, '..'), 'ca');
      expect(await outcome(again)).toBe('refused');
    },
  );
});

describe('files that change', () => {
  it('are served from the next handshake on, and no request is lost', async () => {
    await start(tls());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const kept: string[] = [];
    const fresh: string[] = [];
    for (let i = 0; i < 30; i++) {
      if (i === 10) {
        copyFileSync(second.cert, beside('server.crt'));
        fresh.push((await get()).serverName);
        copyFileSync(second.key, beside('server.key'));
      }
      const answers = await Promise.all([get({ agent }), get()]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      kept.push(answers[0].serverName);
      fresh.push(answers[1].serverName);
    }
    agent.destroy();
    // The half-exchanged pair at i = 10 left the first one in force.
    expect(fresh).toEqual([...new Array<string>(11).fill('first'), ...new Array<string>(20).fill('second')]);
    // The kept connection is told to close, and its successor has the new certificate.
    expect(kept).toEqual([...new Array<string>(11).fill('first'), ...new Array<string>(19).fill('second')]);
  });

  it.each([
    [
      'a certificate that is none',
      () => writeFileSync(beside('server.crt'), 'junk'),
      'holds no PEM certificate',
    ],
    ['a key of another', () => copyFileSync(second.key, beside('server.key')), "don't belong together"],
    ['no key', () => rmSync(beside('server.key')), 'ENOENT'],
    ['no configuration', () => rmSync(file), 'ENOENT'],
    ['a broken configuration', () => writeFileSync(file, 'tls_server_config: ['), 'line 1'],
    ['an empty configuration', () => writeFileSync(file, ''), 'would take TLS away'],
  ])(
    'keep the old ones in force when they become %s, with one line in the log',
    async (_what, change, reason) => {
      await start(tls());
      change();
      for (let i = 0; i < 3; i++) expect(await get()).toMatchObject({ status: 200, serverName: 'first' });
      expect(logger.lines.map(({ level }) => level)).toEqual(['error']);
      expect(String(logger.lines[0]?.fields?.['error'])).toContain(reason);

      place(second);
      writeFileSync(file, tls());
      expect(await get()).toMatchObject({ status: 200, serverName: 'second' });
    },
  );

  it('can switch TLS on', async () => {
    await start('');
    expect([server?.isTls, await outcome()]).toEqual([false, 'refused']);
    writeFileSync(file, tls());
    expect([server?.isTls, await outcome()]).toEqual([true, 200]);
  });
});

describe('the health check', () => {
  it.each([
    ['plain HTTP', '', ''],
    ['basic auth', USERS, ''],
    ['TLS', tls(), ''],
    ['TLS and basic auth', tls() + USERS, ''],
    ['TLS 1.3 alone', tls('  min_version: TLS13\n'), ''],
    ['TLS 1.1 alone', tls('  min_version: TLS11\n  max_version: TLS11\n'), ''],
    ['client certificates', mutual('RequireAndVerifyClientCert'), ''],
    ['client certificates in TLS 1.2', mutual('RequireAndVerifyClientCert', '  max_version: TLS12\n'), ''],
    ['any client certificate', mutual('RequireAnyClientCert'), ''],
    ['an allow list without us', tls(), '10.0.0.0/8'],
    ['a rate limit', 'rate_limit:\n  interval: 1h\n  burst: 1\n', ''],
  ])('passes with %s, again and again, and fails when the server is gone', async (_what, config, allow) => {
    await start(config, allow);
    rmSync(file);
    expect([await health(allow), await health(allow)]).toEqual([0, 0]);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    await server?.close();
    expect(await health(allow)).toBe(1);
  });
});

describe('mistakes at the start', () => {
  it.each([
    ['no certificate file', () => rmSync(beside('server.crt')), tls(), ["cert_file: can't be read: ENOENT"]],
    ['no PEM', () => writeFileSync(beside('server.key'), 'x'), tls(), ['key_file: holds no PEM private key']],
    [
      'an unreadable certificate',
      () =>
        writeFileSync(beside('server.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
      tls(),
      ["cert_file: holds a certificate that can't be parsed"],
    ],
    ['a foreign key', () => copyFileSync(second.key, beside('server.key')), tls(), ["don't belong together"]],
    [
      'an authority that is none',
      () => writeFileSync(beside('ca.crt'), ''),
      mutual('RequireAndVerifyClientCert'),
      ['client_ca_file: holds no PEM certificate'],
    ],
    [
      'everything at once',
      () => {
        rmSync(beside('server.crt'));
        rmSync(beside('server.key'));
        rmSync(beside('ca.crt'));
      },
      mutual('RequireAndVerifyClientCert'),
      ['cert_file', 'key_file', 'client_ca_file'],
    ],
  ])('%s', (_what, change, config, expected) => {
    writeFileSync(file, config);
    change();
    let mistakes: readonly string[] = [];
    try {
      new WebServer({ configFile: file, allowCidrs: [], logger, handler: () => undefined });
    } catch (error) {
      if (error instanceof WebConfigError) mistakes = error.mistakes;
    }
    expect(mistakes).toHaveLength(expected.length);
    expected.forEach((text, i) => expect(mistakes[i]).toContain(text));
  });
});
