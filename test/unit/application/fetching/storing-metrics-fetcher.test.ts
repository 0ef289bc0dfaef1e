import { BudgetedBodyStore } from '../../../../src/application/fetching/budgeted-body-store.ts';
import { StoringMetricsFetcher } from '../../../../src/application/fetching/storing-metrics-fetcher.ts';
import { failure } from '../../../../src/domain/fetching/failure.ts';
import type { FetchOutcome } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import {
  aRequest,
  CountedBody,
  delay,
  fetched,
  fetcherOf,
  ManualFetcher,
  NEVER,
  untilAborted,
} from '../../../support/fakes.ts';
import { MemoryBodyStore } from '../../../support/docker/memory-body-store.ts';

describe('StoringMetricsFetcher', () => {
  const store = new BudgetedBodyStore(new MemoryBodyStore(), 10);
  const fetchText = (text: string, body = new CountedBody(text)): Promise<FetchOutcome> =>
    new StoringMetricsFetcher(
      fetcherOf(() => Promise.resolve({ ...fetched(), body })),
      store,
    ).fetch(aRequest({ maxBodyBytes: 8 }), NEVER);

  it('hands the bytes on in a body of the store and releases the one that it got', async () => {
    const foreign = new CountedBody('a 1\n');
    const outcome = await fetchText('', foreign);
    expect(foreign.holders).toBe(0);
    expect(outcome.ok && new TextDecoder().decode(outcome.body.bytes())).toBe('a 1\n');
    if (outcome.ok) outcome.body.release();
  });

  it("holds the endpoint's limit and that of all bodies together", async () => {
    expect(await fetchText('123456789')).toMatchObject({ reason: 'too_large' });
    const first = await fetchText('12345678');
    expect(await fetchText('123')).toMatchObject({ reason: 'over_budget' });
    if (first.ok) first.body.release();
    expect(await fetchText('123')).toMatchObject({ ok: true });
  });

  it('leaves a fetch behind that ignores its signal, and releases what comes late', async () => {
    const inner = new ManualFetcher();
    const outcome = new StoringMetricsFetcher(inner, store).fetch(aRequest(), AbortSignal.timeout(5));
    expect(await outcome).toMatchObject({ reason: 'timeout' });
    const late = new CountedBody('a 1\n');
    inner.calls[0]!.answer({ ...fetched(), body: late });
    await delay(0);
    expect(late.holders).toBe(0);
  });

  it.each([
    ['nothing at all', undefined],
    ['a success without a body', { ok: true }],
    ['a body that can not be released', { ...fetched(), body: unreleasable() }],
  ])('is not harmed by %s that comes late', async (_, late) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      const inner = new ManualFetcher();
      const outcome = new StoringMetricsFetcher(inner, store).fetch(aRequest(), AbortSignal.timeout(5));
      expect(await outcome).toMatchObject({ reason: 'timeout' });
      inner.calls[0]!.answer(late as FetchOutcome);
      await delay(5);
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it.each(['release', 'bytes'] as const)('keeps nothing of a body whose %s throws', async (method) => {
    const own = new BudgetedBodyStore(new MemoryBodyStore(), 10);
    const good = fetcherOf(() => Promise.resolve({ ...fetched(), body: new CountedBody('12345678') }));
    const inner = fetcherOf(() => {
      const broken = new CountedBody('12345678');
      broken[method] = () => {
        throw new Error('a bug');
      };
      return Promise.resolve({ ...fetched(), body: broken });
    });
    for (let i = 0; i < 3; i++)
      await expect(new StoringMetricsFetcher(inner, own).fetch(aRequest(), NEVER)).rejects.toThrow('a bug');
    expect(await new StoringMetricsFetcher(good, own).fetch(aRequest(), NEVER)).toMatchObject({ ok: true });
  });

  it('takes a rejection for what it is: the end of the time, or a mistake', async () => {
    const inner = fetcherOf((_request, signal) =>
      untilAborted(signal, signal).then(() => Promise.reject(signal.reason as Error)),
    );
    const storing = new StoringMetricsFetcher(inner, store);
    expect(await storing.fetch(aRequest(), AbortSignal.timeout(5))).toMatchObject({ reason: 'timeout' });
    const broken = new StoringMetricsFetcher(
      fetcherOf(() => Promise.reject(new Error('a bug'))),
      store,
    );
    await expect(broken.fetch(aRequest(), NEVER)).rejects.toThrow('a bug');
  });

  it('hands failures on', async () => {
    const inner = fetcherOf(() => Promise.resolve(failure('http_status', 'HTTP 500')));
    expect(await new StoringMetricsFetcher(inner, store).fetch(aRequest(), NEVER)).toMatchObject({
      reason: 'http_status',
    });
  });
});

function unreleasable(): CountedBody {
  const body = new CountedBody('a 1\n');
  body.release = () => {
    throw new Error('a bug');
  };
  return body;
}
