import { BoundedQueue } from '../../../../../src/adapters/web/auth/bounded-queue.ts';

const NEVER = new AbortController().signal;

/** The state of a promise now. */
async function stateOf(promise: Promise<unknown>): Promise<'waiting' | 'in' | 'out'> {
  const waiting = Symbol();
  const value = await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, waiting))]);
  return value === waiting ? 'waiting' : value === undefined ? 'out' : 'in';
}

describe('BoundedQueue', () => {
  it('lets one in at a time, in order', async () => {
    const queue = new BoundedQueue(8, 8);
    const [a, b, c] = ['a', 'b', 'c'].map((owner) => queue.enter(owner, NEVER)) as [
      ReturnType<typeof queue.enter>,
      ReturnType<typeof queue.enter>,
      ReturnType<typeof queue.enter>,
    ];
    expect(await Promise.all([a, b, c].map(stateOf))).toEqual(['in', 'waiting', 'waiting']);
    (await a)!();
    expect(await Promise.all([b, c].map(stateOf))).toEqual(['in', 'waiting']);
    (await b)!();
    (await c)!();
    expect(await stateOf(queue.enter('d', NEVER))).toBe('in');
  });

  it('turns away whom it has no room for', async () => {
    const queue = new BoundedQueue(2, 2);
    const all = ['a', 'b', 'c', 'd'].map((owner) => queue.enter(owner, NEVER));
    expect(await Promise.all(all.map(stateOf))).toEqual(['in', 'waiting', 'waiting', 'out']);
  });

  it('keeps room for others when one owner floods it', async () => {
    const queue = new BoundedQueue(4, 2);
    const all = ['a', 'a', 'a', 'a', 'a', 'b'].map((owner) => queue.enter(owner, NEVER));
    expect(await Promise.all(all.map(stateOf))).toEqual([
      'in',
      'waiting',
      'waiting',
      'out',
      'out',
      'waiting',
    ]);
  });

  it('forgets who gave up', async () => {
    const queue = new BoundedQueue(1, 1);
    const gone = new AbortController();
    const first = queue.enter('a', NEVER);
    const second = queue.enter('b', gone.signal);
    gone.abort();
    expect(await stateOf(second)).toBe('out');
    const third = queue.enter('c', NEVER);
    (await first)!();
    expect(await stateOf(third)).toBe('in');
    expect(await stateOf(queue.enter('d', AbortSignal.abort()))).toBe('out');
  });

  it('does not mind an abort after the turn has come', async () => {
    const queue = new BoundedQueue(1, 1);
    const first = queue.enter('a', NEVER);
    const late = new AbortController();
    const second = queue.enter('b', late.signal);
    (await first)!();
    const leave = await second;
    late.abort();
    const third = queue.enter('c', NEVER);
    leave!();
    expect(await stateOf(third)).toBe('in');
  });
});
