import { AdmittedMetricsFetcher } from '../../../../src/application/fetching/admitted-metrics-fetcher.ts';
import { ConcurrencyLimit } from '../../../../src/application/fetching/concurrency-limit.ts';
import { aRequest, delay, fetched, fetcherOf, ManualFetcher, NEVER } from '../../../support/fakes.ts';

describe('AdmittedMetricsFetcher with ConcurrencyLimit', () => {
  it('starts no more than the limit, the others in their order', async () => {
    const inner = new ManualFetcher();
    const limited = new AdmittedMetricsFetcher(inner, new ConcurrencyLimit(2));
    const outcomes = [1, 2, 3, 4].map((port) =>
      limited.fetch(aRequest({ endpoint: { port, path: '/' } }), NEVER),
    );
    await delay(0);
    expect(inner.calls.map(({ request }) => request.endpoint.port)).toEqual([1, 2]);
    inner.calls[1]!.answer(fetched());
    await delay(0);
    expect(inner.calls.map(({ request }) => request.endpoint.port)).toEqual([1, 2, 3]);
    inner.calls[0]!.answer(fetched());
    inner.calls[2]!.answer(fetched());
    await delay(0);
    inner.calls[3]!.answer(fetched());
    await Promise.all(outcomes);
  });

  it('reports what never got started as queued, and gives its place in line away', async () => {
    const inner = new ManualFetcher();
    const limited = new AdmittedMetricsFetcher(inner, new ConcurrencyLimit(1));
    void limited.fetch(aRequest(), NEVER);
    expect(await limited.fetch(aRequest(), AbortSignal.timeout(5))).toMatchObject({ reason: 'queued' });
    const third = limited.fetch(aRequest(), NEVER);
    inner.calls[0]!.answer(fetched());
    await delay(0);
    expect(inner.calls).toHaveLength(2);
    inner.calls[1]!.answer(fetched());
    expect((await third).ok).toBe(true);
  });

  it('gives the place back after a rejection', async () => {
    const limited = new AdmittedMetricsFetcher(
      fetcherOf(() => Promise.reject(new Error('a bug'))),
      new ConcurrencyLimit(1),
    );
    await expect(limited.fetch(aRequest(), NEVER)).rejects.toThrow('a bug');
    await expect(limited.fetch(aRequest(), NEVER)).rejects.toThrow('a bug');
  });

  it('counts a place that is given back twice only once', async () => {
    const limit = new ConcurrencyLimit(1);
    const leave = await limit.enter(NEVER);
    leave();
    leave();
    await limit.enter(NEVER);
    await expect(limit.enter(AbortSignal.timeout(5))).rejects.toThrow();
  });
});
