import { parseWebConfig } from '../../../../../src/adapters/web/config/parse-web-config.ts';
import type { WebConfig } from '../../../../../src/adapters/web/config/web-config.ts';

const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';
const TLS = 'tls_server_config:\n  cert_file: c.crt\n  key_file: c.key\n';

function parse(text: string): WebConfig {
  const { config, mistakes } = parseWebConfig(text, '/etc/exporter');
  expect(mistakes).toEqual([]);
  return config!;
}

function mistakes(text: string): readonly string[] {
  const result = parseWebConfig(text, '/etc/exporter');
  expect(result.config === undefined).toBe(result.mistakes.length > 0);
  return result.mistakes;
}

describe('parseWebConfig', () => {
  it.each(['', '# nothing\n', '{}', 'tls_server_config:\n', 'tls_server_config: {}\nbasic_auth_users:\n'])(
    'takes %j as open',
    (text) => {
      const config = parse(text);
      expect([config.tls, config.users.size, config.headers.size, config.rateLimit]).toEqual([
        undefined,
        0,
        0,
        undefined,
      ]);
    },
  );

  it('reads a complete file', () => {
    const config = parse(`
tls_server_config:
  cert_file: server.crt
  key_file: /keys/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    Content-Security-Policy: "default-src 'self'"
    X-XSS-Protection:
basic_auth_users:
  alice: ${HASH}
  007: ${HASH}
  no: ${HASH}
  __proto__: ${HASH}
rate_limit:
  interval: 1m30s
  burst: 20
`);
    expect(config.tls).toEqual({
      cert: { key: 'tls_server_config.cert_file', file: '/etc/exporter/server.crt' },
      key: { key: 'tls_server_config.key_file', file: '/keys/server.key' },
      clientCa: { key: 'tls_server_config.client_ca_file', file: '/etc/exporter/ca.crt' },
      clientAuth: 'RequireAndVerifyClientCert',
      clientAllowedSans: ['prometheus.example', '10.0.0.1'],
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers:
        'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256',
      curves: 'P-256:X25519',
      honorCipherOrder: false,
    });
    expect([...config.headers]).toEqual([
      ['X-Frame-Options', 'deny'],
      ['Content-Security-Policy', "default-src 'self'"],
    ]);
    expect([...config.users.keys()]).toEqual(['alice', '007', 'no', '__proto__']);
    expect(config.rateLimit).toEqual({ intervalMs: 90_000, burst: 20 });
  });

  it("has the toolkit's defaults", () => {
    expect(parse(TLS).tls).toMatchObject({
      clientAuth: 'NoClientCert',
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: undefined,
      curves: undefined,
      honorCipherOrder: true,
    });
  });

  it.each([
    ['  min_version: TLS10\n', { minVersion: 'TLSv1' }],
    ['  min_version: TLS11\n  max_version: TLS11\n', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }],
    ['  client_auth_type: RequireClientCert\n', { clientAuth: 'RequireAnyClientCert' }],
    ['  client_auth_type: RequestClientCert\n', { clientAuth: 'RequestClientCert' }],
    ['  client_auth_type: ""\n', { clientAuth: 'NoClientCert' }],
    ['  cipher_suites: []\n  curve_preferences: []\n', { ciphers: undefined, curves: undefined }],
    [
      '  client_ca: PEM\n  client_auth_type: VerifyClientCertIfGiven\n',
      { clientAuth: 'VerifyClientCertIfGiven' },
    ],
  ])('takes %j', (lines, expected) => {
    expect(parse(TLS + lines).tls).toMatchObject(expected);
  });

  it('reads certificates in the file itself', () => {
    const { tls } = parse('tls_server_config:\n  cert: |\n    PEM\n    text\n  key: secret\n');
    expect([tls?.cert, tls?.key]).toEqual([
      { key: 'tls_server_config.cert', pem: 'PEM\ntext\n' },
      { key: 'tls_server_config.key', pem: 'secret' },
    ]);
  });

  it('treats a rate limit without interval as none', () => {
    expect(parse('rate_limit:\n  interval: 0\n  burst: 20\n').rateLimit).toBeUndefined();
  });

  it.each([
    ['tls_server_config:\n  min_version: TLS12\n', 'cert_file: is missing'],
    ['tls_server_config:\n  cert_file: c\n', 'key_file: is missing'],
    [`${TLS}  cert: x\n`, "tls_server_config.cert: and cert_file can't both be set"],
    [`${TLS}  min_version: TLS09\n`, '"TLS09" is none of TLS10, TLS11, TLS12, TLS13'],
    [`${TLS}  max_version: TLS11\n`, 'max_version: is below min_version'],
    [`${TLS}  client_auth_type: Always\n`, '"Always" is none of NoClientCert'],
    [`${TLS}  client_auth_type: RequireAndVerifyClientCert\n`, 'client_ca_file: is missing'],
    [`${TLS}  client_auth_type: VerifyClientCertIfGiven\n`, 'client_ca_file: is missing'],
    [`${TLS}  client_ca_file: ca\n`, 'client_auth_type: is missing'],
    [`${TLS}  client_allowed_sans: [a]\n`, 'client_allowed_sans: needs client_auth_type'],
    [`${TLS}  client_allowed_sans: a\n`, 'client_allowed_sans: must be a list'],
    [`${TLS}  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n`, '"TLS_RSA_WITH_RC4_128_SHA" is none of'],
    [
      `${TLS}  curve_preferences: [CurveP224]\n`,
      '"CurveP224" is none of CurveP256, CurveP384, CurveP521, X25519',
    ],
    [`${TLS}  prefer_server_cipher_suites: maybe\n`, '"maybe" is neither true nor false'],
    [`${TLS}  cert_pem: x\n`, 'tls_server_config.cert_pem: unknown key; known here: cert, cert_file'],
    ['tls_config:\n', 'tls_config: unknown key; known here: tls_server_config, http_server_config'],
    ['tls_server_config: yes\n', 'tls_server_config: must be a mapping'],
    ['http_server_config:\n  http3: true\n', 'http_server_config.http3: unknown key'],
    ['http_server_config:\n  headers:\n    Server: x\n', "headers.Server: can't be set"],
    ['http_server_config:\n  headers:\n    X-Frame-Options: allow\n', '"allow" is none of deny, sameorigin'],
    [
      'http_server_config:\n  headers:\n    X-XSS-Protection: "a\\nb"\n',
      'a character that no header can hold',
    ],
    ['basic_auth_users:\n  bob: secret\n', 'basic_auth_users.bob: is not a bcrypt hash'],
    ['basic_auth_users:\n  bob:\n', 'basic_auth_users.bob: is not a bcrypt hash'],
    ['basic_auth_users: [bob]\n', 'basic_auth_users: must be a mapping'],
    [`basic_auth_users:\n  "a:b": ${HASH}\n`, 'has no ":"'],
    [`basic_auth_users:\n  bob: ${HASH.replace('$10$', '$16$')}\n`, 'cost 16 is not within 4 to 15'],
    [`basic_auth_users:\n  bob: ${HASH.replace('$10$', '$03$')}\n`, 'cost 3 is not within 4 to 15'],
    ['rate_limit:\n  interval: soon\n  burst: 1\n', '"soon" is not a duration'],
    ['rate_limit:\n  interval: 1s\n', 'burst: must be at least 1'],
    ['rate_limit:\n  interval: 1s\n  burst: 1.5\n', '"1.5" is not a number'],
    ['- a\n', 'the file must be a mapping'],
    ['a: *b\n', 'alias'],
    ['a: 1\nb: "x\n', 'line 3: Missing closing'],
    ['rate_limit:\n  burst: 1\n  burst: 2\n', 'line 3: Map keys must be unique'],
    ['a: 1\n---\nb: 2\n', 'multiple documents'],
  ])('refuses %j', (text, expected) => {
    expect(mistakes(text)[0]).toContain(expected);
  });

  it('reports all mistakes at once', () => {
    const text = `${TLS}  min_version: TLS9\n  foo: 1\nrate_limits: 1\nbasic_auth_users:\n  bob: x\n  al: y\n`;
    expect(mistakes(text)).toHaveLength(5);
  });

  it.each([
    `basic_auth_users:\n  bob: "${HASH}x"\n`,
    `basic_auth_users:\n  bob: "${HASH}\n`,
    `key: ${HASH}: a\n`,
    `basic_auth_users: {bob:${HASH}}\n`,
    `basic_auth_users:\n  ${HASH}: bob\n`,
    `basic_auth_users:\n  bob: |${HASH}\n`,
    `basic_auth_users:\n  bob: "a" ${HASH}\n`,
    `basic_auth_users:\n  bob: !${HASH} x\n`,
    `{bob:${HASH}}\n`,
    `rate_limit:\n  burst: *${HASH}\n`,
    `- a\nb: ${HASH}\n`,
  ])('keeps hashes out of its messages: %j', (text) => {
    expect(mistakes(text).join()).not.toContain(HASH.slice(0, 20));
  });
});
