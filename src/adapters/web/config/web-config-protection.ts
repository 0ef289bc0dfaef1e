import { CLIENT_AUTH_RULES, type ClientAuthType, type WebConfig } from './web-config.ts';

/** The protections that `before` has and `after` lacks, for a message. */
export function removedProtections(before: WebConfig, after: WebConfig): readonly string[] {
  const removed: string[] = [];
  if (before.tls !== undefined && after.tls === undefined) removed.push('TLS');
  if (before.tls !== undefined && after.tls !== undefined) {
    if (strength(before.tls.clientAuth) > strength(after.tls.clientAuth)) {
      removed.push(`client_auth_type ${before.tls.clientAuth}`);
    }
    if (before.tls.clientAllowedSans !== undefined && after.tls.clientAllowedSans === undefined) {
      removed.push('client_allowed_sans');
    }
  }
  if (before.users.size > 0 && after.users.size === 0) removed.push('basic auth');
  return removed;
}

/** A certificate that a client need not have protects nothing, verified or not. */
function strength(clientAuth: ClientAuthType): number {
  const { requires, verifies } = CLIENT_AUTH_RULES[clientAuth];
  return requires ? (verifies ? 2 : 1) : 0;
}
