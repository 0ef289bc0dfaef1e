import { resolve } from 'node:path';

import { CIPHER_SUITES, CURVES, TLS13_CIPHER_SUITES, TLS_VERSIONS } from './go-tls-names.ts';
import { CLIENT_AUTH_RULES, type ClientAuthType, type PemSource, type TlsSettings } from './web-config.ts';
import type { YamlSection } from './yaml-section.ts';

const CLIENT_AUTH_TYPES: Readonly<Record<string, ClientAuthType>> = {
  NoClientCert: 'NoClientCert',
  RequestClientCert: 'RequestClientCert',
  RequireAnyClientCert: 'RequireAnyClientCert',
  // The toolkit's former name for it.
  RequireClientCert: 'RequireAnyClientCert',
  VerifyClientCertIfGiven: 'VerifyClientCertIfGiven',
  RequireAndVerifyClientCert: 'RequireAndVerifyClientCert',
};

/** Reads `tls_server_config`. Undefined if it is absent or unusable; the latter is reported as a mistake of the section. */
export function parseTlsSettings(section: YamlSection, directory: string): TlsSettings | undefined {
  const pem = (key: string): PemSource | undefined => pemSource(section, key, directory);
  const cert = pem('cert');
  const key = pem('key');
  const clientCa = pem('client_ca');
  const clientAuth = section.choice('client_auth_type', CLIENT_AUTH_TYPES) ?? 'NoClientCert';
  const clientAllowedSans = section.list('client_allowed_sans');
  const settings = {
    clientCa,
    clientAuth,
    clientAllowedSans,
    ...versions(section),
    ciphers: ciphers(section),
    curves: curves(section),
    honorCipherOrder: section.flag('prefer_server_cipher_suites') ?? true,
  };
  section.refuseUnknown();
  if (section.isEmpty) return undefined;
  if (cert === undefined) section.mistake('cert_file', 'is missing (or cert, with the PEM text itself)');
  if (key === undefined) section.mistake('key_file', 'is missing (or key, with the PEM text itself)');
  checkClientAuth(section, settings);
  if (cert === undefined || key === undefined) return undefined;
  return { cert, key, ...settings };
}

function pemSource(section: YamlSection, key: string, directory: string): PemSource | undefined {
  const pem = section.text(key);
  const file = section.text(`${key}_file`);
  if (pem !== undefined && file !== undefined) section.mistake(key, `and ${key}_file can't both be set`);
  if (file !== undefined) return { key: `tls_server_config.${key}_file`, file: resolve(directory, file) };
  return pem === undefined ? undefined : { key: `tls_server_config.${key}`, pem };
}

function versions(section: YamlSection): Pick<TlsSettings, 'minVersion' | 'maxVersion'> {
  const minVersion = section.choice('min_version', TLS_VERSIONS) ?? TLS_VERSIONS.TLS12;
  const maxVersion = section.choice('max_version', TLS_VERSIONS) ?? TLS_VERSIONS.TLS13;
  if (minVersion > maxVersion) {
    section.mistake(
      'max_version',
      'is below min_version (which is TLS12 unless set: set it, too, for older ones)',
    );
  }
  return { minVersion, maxVersion };
}

/** As in Go, the list only restricts TLS 1.2 and below. */
function ciphers(section: YamlSection): string | undefined {
  const chosen = section.choices('cipher_suites', { ...CIPHER_SUITES, ...TLS13_CIPHER_SUITES });
  if (chosen === undefined || chosen.length === 0) return undefined;
  return [...new Set([...Object.values(TLS13_CIPHER_SUITES), ...chosen])].join(':');
}

function curves(section: YamlSection): string | undefined {
  const chosen = section.choices('curve_preferences', CURVES);
  return chosen === undefined || chosen.length === 0 ? undefined : chosen.join(':');
}

function checkClientAuth(
  section: YamlSection,
  settings: Pick<TlsSettings, 'clientCa' | 'clientAuth' | 'clientAllowedSans'>,
): void {
  const { clientAuth } = settings;
  const { requests, requires, verifies } = CLIENT_AUTH_RULES[clientAuth];
  if (settings.clientCa !== undefined && !requests) {
    section.mistake(
      'client_auth_type',
      'is missing: client_ca_file alone checks nobody (RequireAndVerifyClientCert does)',
    );
  }
  if (settings.clientCa === undefined && verifies) {
    // Go would trust the system's public certificate authorities, from which anybody can get a certificate.
    section.mistake(
      'client_ca_file',
      `is missing: ${clientAuth} needs the authority that signs client certificates`,
    );
  }
  if (settings.clientAllowedSans !== undefined && !requires) {
    section.mistake(
      'client_allowed_sans',
      'needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert: the others let a client go without',
    );
  }
}
