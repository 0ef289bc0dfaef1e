import type { TLSSocket } from 'node:tls';

import {
  clientCertificateRefusal,
  subjectAltNames,
} from '../../../../src/adapters/web/client-certificate.ts';
import type { ClientAuthType } from '../../../../src/adapters/web/config/web-config.ts';

describe('subjectAltNames', () => {
  it.each([
    [undefined, []],
    ['DNS:prometheus.example', ['prometheus.example']],
    ['DNS:a, DNS:b', ['a', 'b']],
    ['IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1', ['10.0.0.1', '2001:db8::1']],
    [
      'email:sre@example.com, URI:spiffe://cluster/ns/prometheus',
      ['sre@example.com', 'spiffe://cluster/ns/prometheus'],
    ],
    ['URI:"http://a/?x=1, DNS:admin", DNS:b', ['http://a/?x=1, DNS:admin', 'b']],
    ['DNS:"a\\u0000b\\", DNS:c"', ['a\u0000b", DNS:c']],
    ['othername:<unsupported>, DirName:"CN=DNS:x, DNS:y", DNS:z, Registered ID:1.2', ['z']],
  ])('of %j', (subjectAltName, expected) => {
    expect(subjectAltNames({ subjectAltName })).toEqual(expected);
  });
});

describe('clientCertificateRefusal', () => {
  const refusal = (
    clientAuth: ClientAuthType,
    client: string,
    clientAllowedSans?: readonly string[],
  ): string | undefined =>
    clientCertificateRefusal({ clientAuth, clientAllowedSans }, {
      authorized: client === 'verified',
      authorizationError: 'UNABLE_TO_VERIFY',
      getPeerX509Certificate: () =>
        client === 'none' ? undefined : { subjectAltName: 'DNS:a, IP Address:0:0:0:0:0:0:0:1' },
    } as unknown as TLSSocket);

  it.each<[ClientAuthType, string, boolean]>([
    ['NoClientCert', 'none', true],
    ['RequestClientCert', 'none', true],
    ['RequestClientCert', 'unverified', true],
    ['RequireAnyClientCert', 'none', false],
    ['RequireAnyClientCert', 'unverified', true],
    ['VerifyClientCertIfGiven', 'none', true],
    ['VerifyClientCertIfGiven', 'unverified', false],
    ['VerifyClientCertIfGiven', 'verified', true],
    ['RequireAndVerifyClientCert', 'none', false],
    ['RequireAndVerifyClientCert', 'unverified', false],
    ['RequireAndVerifyClientCert', 'verified', true],
  ])('%s with a client that has a certificate: %s, is welcome: %s', (clientAuth, client, isWelcome) => {
    expect(refusal(clientAuth, client) === undefined).toBe(isWelcome);
  });

  it.each([
    [['a'], true],
    [['x', 'a'], true],
    [['::1'], true],
    [['0:0::1'], true],
    [['A'], false],
    [['x'], false],
    [[], false],
  ])('takes a certificate with an allowed name only: %j', (allowed, isWelcome) => {
    expect(refusal('RequireAndVerifyClientCert', 'verified', allowed) === undefined).toBe(isWelcome);
  });
});
