import { AdmittedMetricsFetcher } from '../../../../src/application/fetching/admitted-metrics-fetcher.ts';
import { ConcurrencyLimit } from '../../../../src/application/fetching/concurrency-limit.ts';
import { FallbackMetricsFetcher } from '../../../../src/application/fetching/fallback-metrics-fetcher.ts';
import { TimeLimitedMetricsFetcher } from '../../../../src/application/fetching/time-limited-metrics-fetcher.ts';
import type { Clock } from '../../../../src/domain/clock.ts';
import { failure } from '../../../../src/domain/fetching/failure.ts';
import type { FetchRequest } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../src/domain/targets/target.ts';
import {
  aRequest,
  delay,
  fetched,
  fetcherOf,
  ManualFetcher,
  NEVER,
  realClock,
  untilAborted,
} from '../../../support/fakes.ts';
import { aTarget } from '../../../support/targets.ts';
import { latenessAfter } from '../../../support/until.ts';

describe('TimeLimitedMetricsFetcher', () => {
  const limitSeen = async (request: Partial<FetchRequest>): Promise<number> => {
    const inner = new ManualFetcher();
    void new TimeLimitedMetricsFetcher(inner, 500, realClock).fetch(aRequest(request), NEVER);
    await delay(0);
    return inner.calls[0]!.request.timeoutMs;
  };

  it("limits a fetch to the exporter's setting", async () =>
    expect(await limitSeen({ timeoutMs: 1000 })).toBe(500));
  it('never gives more than the scrape has left', async () =>
    expect(await limitSeen({ timeoutMs: 100 })).toBe(100));
  it("lets the target's own label decide", async () => {
    const target = aTarget({ options: { ...DEFAULT_TARGET_OPTIONS, timeoutMs: 800 } });
    expect(await limitSeen({ timeoutMs: 1000, target })).toBe(800);
  });

  it('does not count the time in which a place is waited for, in all techniques', async () => {
    // The place is free after four times the limit.
    const places = new ConcurrencyLimit(1);
    const leave = await places.enter(NEVER);
    setTimeout(leave, 400);
    const http = new AdmittedMetricsFetcher(
      fetcherOf(() => Promise.resolve(failure('connection_failed', 'refused'))),
      places,
    );
    let leftMs = 0;
    const exec = fetcherOf(({ limit }, signal) => {
      leftMs = limit!.leftMs();
      return untilAborted(signal, failure('timeout', 'aborted'));
    });
    const auto = new FallbackMetricsFetcher({ http, exec }, realClock);
    const outcome = new TimeLimitedMetricsFetcher(auto, 100, realClock).fetch(
      aRequest({ timeoutMs: 5000 }),
      NEVER,
    );
    const latenessMs = await latenessAfter(500, outcome);
    expect(await outcome).toMatchObject({ reason: 'timeout' });
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(100);
    expect(latenessMs).toBeGreaterThan(-150);
    expect(latenessMs).toBeLessThan(1000);
  });

  it('counts what it ran before it stood still', async () => {
    let nowMs = 0;
    const clock: Clock = { nowMs: () => nowMs, epochMs: () => 0 };
    const pass = (ms: number): Promise<number> => Promise.resolve((nowMs += ms));
    const inner = fetcherOf(async ({ limit }) => {
      await pass(30);
      await limit!.standStill(() => pass(50));
      await pass(7);
      return failure('internal', String(limit!.leftMs()));
    });
    const outcome = await new TimeLimitedMetricsFetcher(inner, 500, clock).fetch(aRequest(), NEVER);
    expect(outcome).toMatchObject({ detail: '463' });
  });

  it('is over with the scrape, whatever it stood still', async () => {
    const inner = fetcherOf(async ({ limit }, signal) => {
      await limit!.standStill(() => delay(50));
      const leftMs = limit!.leftMs();
      return await untilAborted(signal, failure('timeout', String(leftMs)));
    });
    const limited = new TimeLimitedMetricsFetcher(inner, 60_000, realClock);
    const fetching = limited.fetch(aRequest({ timeoutMs: 100 }), NEVER);
    expect(await latenessAfter(100, fetching)).toBeLessThan(1000);
    const outcome = await fetching;
    expect(Number(outcome.ok ? NaN : outcome.detail)).toBeLessThanOrEqual(51);
  });

  it('is over at once where nothing is left, or the scrape is over', async () => {
    const inner = fetcherOf((_request, { aborted }) => Promise.resolve(failure('internal', String(aborted))));
    const limited = new TimeLimitedMetricsFetcher(inner, 60_000, realClock);
    expect(await limited.fetch(aRequest({ timeoutMs: 0 }), NEVER)).toMatchObject({ detail: 'true' });
    expect(await limited.fetch(aRequest(), AbortSignal.abort())).toMatchObject({ detail: 'true' });
    expect(await limited.fetch(aRequest(), NEVER)).toMatchObject({ detail: 'false' });
  });

  it('leaves nothing behind', async () => {
    const scrape = new AbortController();
    const inner = new ManualFetcher();
    const outcome = new TimeLimitedMetricsFetcher(inner, 300, realClock).fetch(aRequest(), scrape.signal);
    await delay(0);
    inner.calls[0]!.answer(fetched());
    await outcome;
    await delay(350);
    scrape.abort();
    expect(inner.calls[0]!.signal.aborted).toBe(false);
  });

  it('lets nobody wait for a place once it is over', async () => {
    const inner = fetcherOf(async ({ limit }, signal) => {
      await untilAborted(signal, undefined);
      await limit!.standStill(() => Promise.resolve());
      return fetched();
    });
    const limited = new TimeLimitedMetricsFetcher(inner, 5, realClock);
    await expect(limited.fetch(aRequest(), NEVER)).rejects.toThrow('within its time');
  });

  it('aborts at the limit', async () => {
    const inner = fetcherOf((_request, signal) => untilAborted(signal, failure('timeout', 'aborted')));
    const outcome = await new TimeLimitedMetricsFetcher(inner, 10, realClock).fetch(aRequest(), NEVER);
    expect(outcome).toMatchObject({ reason: 'timeout' });
  });

  it('aborts with the scrape', async () => {
    const inner = fetcherOf((_request, signal) => untilAborted(signal, failure('timeout', 'aborted')));
    const outcome = await new TimeLimitedMetricsFetcher(inner, 60_000, realClock).fetch(
      aRequest(),
      AbortSignal.timeout(5),
    );
    expect(outcome).toMatchObject({ reason: 'timeout' });
  });
});
