import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { dirname } from 'node:path';
import { createSecureContext, DEFAULT_CIPHERS, type TlsOptions } from 'node:tls';

import { parseWebConfig } from './parse-web-config.ts';
import {
  CLIENT_AUTH_RULES,
  type PemSource,
  type TlsSettings,
  type WebConfig,
  WebConfigError,
} from './web-config.ts';

/** A web configuration whose files have been read and match each other. */
export interface LoadedWebConfig extends WebConfig {
  /** For `tls.createServer`; undefined: plain HTTP. */
  readonly tlsOptions: TlsOptions | undefined;
}

type ReadFile = (path: string) => Buffer;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads a web configuration and the files it names, with `read`. Throws WebConfigError with all mistakes. */
export function loadWebConfig(file: string, read: ReadFile): LoadedWebConfig {
  const mistakes: string[] = [];
  const text = readText(read, file, '', mistakes);
  if (text === undefined) throw new WebConfigError(file, mistakes);
  const parsed = parseWebConfig(text, dirname(file));
  if (parsed.config === undefined) throw new WebConfigError(file, parsed.mistakes);
  const { tls } = parsed.config;
  const tlsOptions = tls === undefined ? undefined : loadTls(tls, read, mistakes);
  if (mistakes.length > 0) throw new WebConfigError(file, mistakes);
  return { ...parsed.config, tlsOptions };
}

function loadTls(tls: TlsSettings, read: ReadFile, mistakes: string[]): TlsOptions | undefined {
  const cert = pemText(tls.cert, read, mistakes);
  const key = pemText(tls.key, read, mistakes);
  const ca = tls.clientCa === undefined ? undefined : pemText(tls.clientCa, read, mistakes);
  const [leaf] = cert === undefined ? [] : certificates(cert, tls.cert.key, mistakes);
  const privateKey = key === undefined ? undefined : parseKey(key, tls.key.key, mistakes);
  if (tls.clientCa !== undefined && ca !== undefined) certificates(ca, tls.clientCa.key, mistakes);
  if (leaf !== undefined && privateKey !== undefined && !leaf.checkPrivateKey(privateKey)) {
    mistakes.push(`${tls.cert.key} and ${tls.key.key} don't belong together`);
  }
  if (cert === undefined || key === undefined || mistakes.length > 0) return undefined;
  const { requests, requires, verifies } = CLIENT_AUTH_RULES[tls.clientAuth];
  const options: TlsOptions = {
    cert,
    key,
    ...(ca !== undefined && { ca: ca.match(PEM_CERTIFICATE) ?? [] }),
    requestCert: requests,
    // The other combinations are checked after the handshake (client-certificate.ts).
    rejectUnauthorized: requires && verifies,
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    ciphers: cipherList(tls),
    ...(tls.curves !== undefined && { ecdhCurve: tls.curves }),
    honorCipherOrder: tls.honorCipherOrder,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    mistakes.push(`tls_server_config: ${(error as Error).message}`);
  }
  return options;
}

/** OpenSSL allows TLS 1.0 and 1.1 only at security level 0: their handshakes are signed with SHA-1. */
function cipherList(tls: TlsSettings): string {
  const ciphers = tls.ciphers ?? DEFAULT_CIPHERS;
  return tls.minVersion < 'TLSv1.2' ? `${ciphers}:@SECLEVEL=0` : ciphers;
}

function pemText(source: PemSource, read: ReadFile, mistakes: string[]): string | undefined {
  return 'pem' in source ? source.pem : readText(read, source.file, `${source.key}: `, mistakes);
}

function readText(read: ReadFile, file: string, where: string, mistakes: string[]): string | undefined {
  try {
    return read(file).toString('utf8');
  } catch (error) {
    mistakes.push(`${where}can't be read: ${(error as Error).message}${permissionHint(error)}`);
    return undefined;
  }
}

function permissionHint(error: unknown): string {
  const isDenied = (error as NodeJS.ErrnoException).code === 'EACCES';
  return isDenied ? ` (this process runs as user ${process.getuid?.()}, group ${process.getgid?.()})` : '';
}

function certificates(pem: string, where: string, mistakes: string[]): readonly X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) mistakes.push(`${where}: holds no PEM certificate`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    mistakes.push(`${where}: holds a certificate that can't be parsed`);
    return [];
  }
}

function parseKey(pem: string, where: string, mistakes: string[]): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const isEncrypted = (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE';
    mistakes.push(
      `${where}: ${isEncrypted ? 'the key has a passphrase, which is not supported' : 'holds no PEM private key'}`,
    );
    return undefined;
  }
}
