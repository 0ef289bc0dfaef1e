import { BasicAuth } from '../../../../../src/adapters/web/auth/basic-auth.ts';
import type { PasswordComparer } from '../../../../../src/adapters/web/auth/password-comparer.ts';
import { delay, NEVER } from '../../../../support/fakes.ts';

/** Accepts `password of <hash>` as the password of a hash, and counts its calls. */
class FakeComparer implements PasswordComparer {
  readonly hashes: string[] = [];
  running = 0;
  mostRunning = 0;
  async compare(password: string, hash: string): Promise<boolean> {
    this.hashes.push(hash);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    await delay(1);
    this.running--;
    return password === `password of ${hash}`;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const USERS = new Map([
  ['alice', 'hash-a'],
  ['bob', 'hash-b'],
]);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const ALICE = basic('alice:password of hash-a');

describe('BasicAuth', () => {
  let comparer: FakeComparer;
  let auth: BasicAuth;
  const check = (
    authorization?: string,
    users = USERS,
    peer = 'peer',
    signal = NEVER,
  ): ReturnType<BasicAuth['check']> => auth.check(users, authorization, peer, signal);

  beforeEach(() => {
    comparer = new FakeComparer();
    auth = new BasicAuth(comparer);
  });

  it.each([
    [ALICE, 'granted'],
    [ALICE.replace('Basic', 'bAsIc'), 'granted'],
    [basic('bob:password of hash-b'), 'granted'],
    [basic('alice:password of hash-b'), 'denied'],
    [basic('alice:'), 'denied'],
    [basic('Alice:password of hash-a'), 'denied'],
    [basic('mallory:password of hash-a'), 'denied'],
    [basic('mallory:password of hash-b'), 'denied'],
    [basic('__proto__:x'), 'denied'],
    [basic(':x'), 'denied'],
    [basic('alice'), 'denied'],
    [ALICE.replace('Basic', 'Bearer'), 'denied'],
    ['Basic', 'denied'],
    ['Basic ***', 'denied'],
    ['', 'denied'],
    [undefined, 'denied'],
  ])('%j: %s', async (authorization, expected) => {
    expect(await check(authorization)).toBe(expected);
  });

  it('accepts a password with colons and letters beyond ASCII', async () => {
    expect(await check(basic('ü:password of a:ß'), new Map([['ü', 'a:ß']]))).toBe('granted');
  });

  it('compares once for a success and every time for a failure', async () => {
    for (let i = 0; i < 3; i++) expect(await check(ALICE)).toBe('granted');
    expect(comparer.hashes).toHaveLength(1);
    for (let i = 0; i < 3; i++) expect(await check(basic('alice:guess'))).toBe('denied');
    expect(comparer.hashes).toHaveLength(4);
    expect(await check(ALICE)).toBe('granted');
    expect(comparer.hashes).toHaveLength(4);
  });

  it('compares as often for an unknown user as for a known one', async () => {
    for (const user of ['alice', 'mallory', 'trent']) await check(basic(`${user}:guess`));
    expect(comparer.hashes).toHaveLength(3);
  });

  it('compares an unknown user with the hash, and so at the cost, of always the same known one', async () => {
    for (let i = 0; i < 20; i++) await check(basic(`mallory${i % 10}:guess`));
    expect(comparer.hashes.slice(0, 10)).toEqual(comparer.hashes.slice(10));
    expect(new Set(comparer.hashes)).toEqual(new Set(USERS.values()));
  });

  it('forgets a success when the hash changes or the user goes', async () => {
    await check(ALICE);
    expect(await check(ALICE, new Map([['alice', 'hash-new']]))).toBe('denied');
    expect(await check(ALICE, new Map([['bob', 'hash-a']]))).toBe('denied');
  });

  it('compares one at a time, and twins once', async () => {
    const outcomes = await Promise.all([ALICE, ALICE, ALICE, basic('bob:guess')].map((text) => check(text)));
    expect(outcomes).toEqual(['granted', 'granted', 'granted', 'denied']);
    expect([comparer.mostRunning, comparer.hashes.length]).toEqual([1, 2]);
  });

  it('is busy when too many wait, but never for whom it remembers', async () => {
    await check(ALICE);
    const guesses = Array.from({ length: 20 }, (_, i) => check(basic(`alice:${i}`), USERS, `peer ${i}`));
    expect(await check(ALICE)).toBe('granted');
    const outcomes = await Promise.all(guesses);
    expect(outcomes.filter((outcome) => outcome === 'denied')).toHaveLength(9);
    expect(outcomes.filter((outcome) => outcome === 'busy')).toHaveLength(11);
  });

  it('leaves room for a peer when another one guesses', async () => {
    const guesses = Array.from({ length: 20 }, (_, i) => check(basic(`alice:${i}`), USERS, 'attacker'));
    expect(await check(ALICE)).toBe('granted');
    await Promise.all(guesses);
  });

  it('goes on after a comparison that failed', async () => {
    const compare = comparer.compare.bind(comparer);
    comparer.compare = () => Promise.reject(new Error('no thread'));
    await expect(check(ALICE)).rejects.toThrow('no thread');
    comparer.compare = compare;
    expect(await check(ALICE)).toBe('granted');
  });
});
