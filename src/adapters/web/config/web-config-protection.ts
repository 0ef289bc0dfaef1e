import type { ClientAuthType, WebConfig } from './web-config.ts';

/** How much each asks of a client. */
const CLIENT_AUTH_STRENGTH: Readonly<Record<ClientAuthType, number>> = {
  NoClientCert: 0,
  RequestClientCert: 0,
  VerifyClientCertIfGiven: 0,
  RequireAnyClientCert: 1,
  RequireAndVerifyClientCert: 2,
};

/** The protections that `before` has and `after` lacks, in words. */
export function takenAway(before: WebConfig, after: WebConfig): readonly string[] {
  const taken: string[] = [];
  if (before.tls !== undefined && after.tls === undefined) taken.push('TLS');
  if (before.tls !== undefined && after.tls !== undefined) {
    if (CLIENT_AUTH_STRENGTH[before.tls.clientAuth] > CLIENT_AUTH_STRENGTH[after.tls.clientAuth]) {
      taken.push(`client_auth_type ${before.tls.clientAuth}`);
    }
    if (before.tls.clientAllowedSans !== undefined && after.tls.clientAllowedSans === undefined) {
      taken.push('client_allowed_sans');
    }
  }
  if (before.users.size > 0 && after.users.size === 0) taken.push('basic auth');
  return taken;
}
