import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { BoundedQueue } from './bounded-queue.ts';
import type { PasswordComparer } from './password-comparer.ts';

/** `busy`: too many passwords are being checked. */
export type AuthOutcome = 'granted' | 'denied' | 'busy';

interface Credentials {
  readonly user: string;
  readonly password: string;
}

const QUEUE_CAPACITY = 8;
const QUEUE_CAPACITY_PER_PEER = 4;

/**
 * Basic auth (RFC 7617) against bcrypt hashes. One comparison runs at a time; a success is remembered until the hash
 * changes. An unknown user costs the same comparison as a known one.
 */
export class BasicAuth {
  readonly #comparer: PasswordComparer;
  readonly #queue = new BoundedQueue(QUEUE_CAPACITY, QUEUE_CAPACITY_PER_PEER);
  readonly #secret = randomBytes(32);
  /** For each user a digest of the password that was right, so never more entries than users. */
  readonly #successes = new Map<string, Buffer>();

  constructor(comparer: PasswordComparer) {
    this.#comparer = comparer;
  }

  /** Rejects if the comparison could not be made. An aborted check is `busy`. */
  async check(
    users: ReadonlyMap<string, string>,
    authorization: string | undefined,
    peer: string,
    signal: AbortSignal,
  ): Promise<AuthOutcome> {
    const credentials = parseCredentials(authorization);
    if (credentials === undefined) return 'denied';
    const { user, password } = credentials;
    const hash = users.get(user) ?? this.#decoy(user, users);
    const digest = this.#digest(user, hash, password);
    if (this.#isRemembered(user, users, digest)) return 'granted';

    const leave = await this.#queue.enter(peer, signal);
    if (leave === undefined) return 'busy';
    try {
      // A request with the same password may have been checked while this one waited.
      if (this.#isRemembered(user, users, digest)) return 'granted';
      const isEqual = await this.#comparer.compare(password, hash);
      if (!isEqual || !users.has(user)) return 'denied';
      this.#remember(user, users, digest);
      return 'granted';
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    await this.#comparer.close();
  }

  /** The hash of a real user, always the same one for a name, so that checking an unknown name takes as long as a known one. */
  #decoy(user: string, users: ReadonlyMap<string, string>): string {
    const hashes = [...users.values()];
    const pick = createHmac('sha256', this.#secret).update(`decoy ${user}`).digest().readUInt32BE();
    return hashes[pick % hashes.length] ?? '';
  }

  #digest(user: string, hash: string, password: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([user, hash, password]))
      .digest();
  }

  #isRemembered(user: string, users: ReadonlyMap<string, string>, digest: Buffer): boolean {
    const remembered = this.#successes.get(user);
    return remembered !== undefined && users.has(user) && timingSafeEqual(remembered, digest);
  }

  #remember(user: string, users: ReadonlyMap<string, string>, digest: Buffer): void {
    for (const name of this.#successes.keys()) {
      if (!users.has(name)) this.#successes.delete(name);
    }
    this.#successes.set(user, digest);
  }
}

function parseCredentials(authorization: string | undefined): Credentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
