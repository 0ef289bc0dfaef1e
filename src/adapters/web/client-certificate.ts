import type { X509Certificate } from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';
import type { TLSSocket } from 'node:tls';

import { CLIENT_AUTH_RULES, type TlsSettings } from './config/web-config.ts';

/** Why a client is refused after its handshake; undefined: it is accepted. */
export function clientCertificateRefusal(
  settings: Pick<TlsSettings, 'clientAuth' | 'clientAllowedSans'>,
  socket: TLSSocket,
): string | undefined {
  const { requires, verifies } = CLIENT_AUTH_RULES[settings.clientAuth];
  const { clientAllowedSans } = settings;
  if (!requires && !verifies) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return requires ? 'no client certificate' : undefined;
  if (verifies && !socket.authorized) return unverifiedText(String(socket.authorizationError));
  if (clientAllowedSans === undefined) return undefined;
  const allowed = new Set(clientAllowedSans.map(canonical));
  const names = subjectAltNames(certificate);
  if (names.some((name) => allowed.has(name))) return undefined;
  return 'no SAN of the client certificate is in client_allowed_sans';
}

/** The reason for refusing a certificate, with OpenSSL's code. */
export function unverifiedText(code: string): string {
  return `client certificate not verified: ${code}`;
}

const NAME_KINDS: ReadonlySet<string> = new Set(['DNS', 'IP Address', 'email', 'URI']);

/** The DNS names, addresses, e-mail addresses and URIs that a certificate is for. */
export function subjectAltNames(certificate: Pick<X509Certificate, 'subjectAltName'>): readonly string[] {
  const names: string[] = [];
  // Node.js writes `DNS:a, IP Address:10.0.0.1`, and a value with a special character as a JSON string.
  for (const [entry] of (certificate.subjectAltName ?? '').matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g)) {
    const [kind, value] = splitOnce(entry.trim(), ':');
    if (!NAME_KINDS.has(kind)) continue;
    names.push(canonical(value.startsWith('"') ? (JSON.parse(value) as string) : value));
  }
  return names;
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return [text.slice(0, index), text.slice(index + separator.length)];
}

function canonical(name: string): string {
  const family = isIP(name);
  return family === 0
    ? name
    : new SocketAddress({ address: name, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
}
