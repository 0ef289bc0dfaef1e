import {
  type ClientAuthType,
  OPEN_WEB_CONFIG,
  type WebConfig,
} from '../../../../../src/adapters/web/config/web-config.ts';
import { removedProtections } from '../../../../../src/adapters/web/config/web-config-protection.ts';

const withTls = (
  clientAuth: ClientAuthType = 'NoClientCert',
  clientAllowedSans?: readonly string[],
): WebConfig => ({
  ...OPEN_WEB_CONFIG,
  tls: {
    cert: { key: 'cert', pem: '' },
    key: { key: 'key', pem: '' },
    clientCa: undefined,
    clientAuth,
    clientAllowedSans,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: undefined,
    curves: undefined,
    honorCipherOrder: true,
  },
});
const withUsers = (...names: string[]): WebConfig => ({
  ...OPEN_WEB_CONFIG,
  users: new Map(names.map((name) => [name, 'hash'])),
});

describe('removedProtections', () => {
  it.each<[string, WebConfig, WebConfig, readonly string[]]>([
    ['nothing', OPEN_WEB_CONFIG, OPEN_WEB_CONFIG, []],
    ['TLS switched on', OPEN_WEB_CONFIG, withTls(), []],
    ['TLS switched off', withTls(), OPEN_WEB_CONFIG, ['TLS']],
    ['basic auth switched on', OPEN_WEB_CONFIG, withUsers('a'), []],
    ['basic auth switched off', withUsers('a'), OPEN_WEB_CONFIG, ['basic auth']],
    ['a user less', withUsers('a', 'b'), withUsers('b'), []],
    ['certificates asked for', withTls(), withTls('RequireAndVerifyClientCert'), []],
    ['none', withTls('RequireAnyClientCert'), withTls(), ['client_auth_type RequireAnyClientCert']],
    [
      'unverified ones',
      withTls('RequireAndVerifyClientCert'),
      withTls('RequireAnyClientCert'),
      ['client_auth_type RequireAndVerifyClientCert'],
    ],
    [
      'any name',
      withTls('RequireAnyClientCert', ['a']),
      withTls('RequireAnyClientCert'),
      ['client_allowed_sans'],
    ],
    ['other names', withTls('RequireAnyClientCert', ['a']), withTls('RequireAnyClientCert', ['b']), []],
  ])('%s', (_what, before, after, expected) => {
    expect(removedProtections(before, after)).toEqual(expected);
  });
});
