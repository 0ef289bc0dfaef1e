import { AdmittedMetricsFetcher } from '../../../../src/application/fetching/admitted-metrics-fetcher.ts';
import { BudgetedBodyStore } from '../../../../src/application/fetching/budgeted-body-store.ts';
import { ConcurrencyLimit } from '../../../../src/application/fetching/concurrency-limit.ts';
import { FallbackMetricsFetcher } from '../../../../src/application/fetching/fallback-metrics-fetcher.ts';
import { ReusingMetricsFetcher } from '../../../../src/application/fetching/reusing-metrics-fetcher.ts';
import { RoutingMetricsFetcher } from '../../../../src/application/fetching/routing-metrics-fetcher.ts';
import { StoringMetricsFetcher } from '../../../../src/application/fetching/storing-metrics-fetcher.ts';
import { TimeLimitedMetricsFetcher } from '../../../../src/application/fetching/time-limited-metrics-fetcher.ts';
import type { Clock } from '../../../../src/domain/clock.ts';
import { failure, type FailureReason } from '../../../../src/domain/fetching/failure.ts';
import type { FetchOutcome, FetchRequest } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../src/domain/targets/target.ts';
import {
  aRequest,
  CountedBody,
  delay,
  fetched,
  fetcherOf,
  ManualFetcher,
  NEVER,
  realClock,
  untilAborted,
} from '../../../support/fakes.ts';
import { MemoryBodyStore } from '../../../support/docker/memory-body-store.ts';
import { aTarget } from '../../../support/targets.ts';

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
    setTimeout(leave, 200);
    const http = new AdmittedMetricsFetcher(
      fetcherOf(() => Promise.resolve(failure('connection_failed', 'refused'))),
      places,
    );
    let leftMs = 0;
    const exec = fetcherOf(({ limit }, signal) => {
      leftMs = limit!.leftMs();
      return untilAborted(signal, failure('timeout', 'aborted'));
    });
    const startedMs = performance.now();
    const auto = new FallbackMetricsFetcher({ http, exec }, realClock);
    const outcome = await new TimeLimitedMetricsFetcher(auto, 50, realClock).fetch(aRequest(), NEVER);
    expect(outcome).toMatchObject({ reason: 'timeout' });
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(50);
    expect(performance.now() - startedMs).toBeGreaterThan(200);
    expect(performance.now() - startedMs).toBeLessThan(900);
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
    const startedMs = performance.now();
    const limited = new TimeLimitedMetricsFetcher(inner, 60_000, realClock);
    const outcome = await limited.fetch(aRequest({ timeoutMs: 100 }), NEVER);
    expect(Number(outcome.ok ? NaN : outcome.detail)).toBeLessThanOrEqual(51);
    expect(performance.now() - startedMs).toBeLessThan(3000);
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

describe('RoutingMetricsFetcher', () => {
  const routed = async (fetchMode?: 'exec' | 'http' | 'auto'): Promise<string> => {
    let via = '';
    const named = (name: string): ReturnType<typeof fetcherOf> =>
      fetcherOf(() => {
        via = name;
        return Promise.resolve(fetched());
      });
    const byMode = { exec: named('exec'), http: named('http'), auto: named('auto') };
    const options =
      fetchMode === undefined ? DEFAULT_TARGET_OPTIONS : { ...DEFAULT_TARGET_OPTIONS, fetchMode };
    await new RoutingMetricsFetcher(byMode, 'exec').fetch(aRequest({ target: aTarget({ options }) }), NEVER);
    return via;
  };

  it("takes the exporter's mode", async () => expect(await routed()).toBe('exec'));
  it("takes the target's own mode where its label names one", async () =>
    expect(await routed('http')).toBe('http'));
});

describe('FallbackMetricsFetcher', () => {
  const script: { http: FetchOutcome | 'hang'; exec: FetchOutcome | 'hang' } = {
    http: fetched(),
    exec: fetched(),
  };
  let used: string[] = [];
  const scripted = (technique: 'http' | 'exec'): ReturnType<typeof fetcherOf> =>
    fetcherOf((_request, signal) => {
      used.push(technique);
      const answer = script[technique];
      return answer === 'hang'
        ? untilAborted(signal, failure('timeout', `${technique} hung`))
        : Promise.resolve(answer);
    });
  let fallback: FallbackMetricsFetcher;
  const fetchUsing = async (timeoutMs = 1000, signal = AbortSignal.timeout(timeoutMs)): Promise<string> => {
    used = [];
    const outcome = await fallback.fetch(aRequest({ timeoutMs }), signal);
    return `${used.join('+')} ${outcome.ok ? 'ok' : outcome.reason}`;
  };
  const fails = (reason: FailureReason): FetchOutcome => failure(reason, reason);

  beforeEach(() => {
    fallback = new FallbackMetricsFetcher({ http: scripted('http'), exec: scripted('exec') }, realClock);
    script.http = fetched();
    script.exec = fetched();
  });

  it('uses http where it connects', async () => expect(await fetchUsing()).toBe('http ok'));

  it('falls back to exec where http can not connect, and remembers it', async () => {
    script.http = fails('connection_failed');
    expect(await fetchUsing()).toBe('http+exec ok');
    expect(await fetchUsing()).toBe('exec ok');
  });

  it('falls back where there is no address', async () => {
    script.http = fails('no_address');
    expect(await fetchUsing()).toBe('http+exec ok');
  });

  it('leaves half of the time for the exec where http does not connect', async () => {
    const inner = new ManualFetcher();
    fallback = new FallbackMetricsFetcher({ http: inner, exec: scripted('exec') }, realClock);
    void fallback.fetch(aRequest({ timeoutMs: 1000 }), NEVER);
    await delay(0);
    expect(inner.calls[0]!.request).toMatchObject({ timeoutMs: 1000, connectTimeoutMs: 500 });
  });

  it('tries the exec where http had no place', async () => {
    script.http = fails('queued');
    expect(await fetchUsing()).toBe('http+exec ok');
  });

  it('does not exec where the target is slow', async () => {
    script.http = 'hang';
    expect(await fetchUsing(40)).toBe('http timeout');
  });

  it('finds the exec where http no longer connects', async () => {
    await fetchUsing();
    script.http = fails('connection_failed');
    expect(await fetchUsing()).toBe('http+exec ok');
  });

  it('does not exec for an answer that another way would give, too', async () => {
    for (const reason of ['http_status', 'redirect', 'truncated', 'too_large', 'over_budget'] as const) {
      script.http = fails(reason);
      expect(await fetchUsing()).toBe(`http ${reason}`);
    }
  });

  it('tries http again after an exec that hung', async () => {
    script.http = fails('connection_failed');
    await fetchUsing();
    script.exec = 'hang';
    expect(await fetchUsing(30)).toBe('exec timeout');
    script.http = fetched();
    expect(await fetchUsing()).toBe('http ok');
  });

  it('goes back to http where the exec stops working', async () => {
    script.http = fails('connection_failed');
    await fetchUsing();
    script.exec = fails('exec_failed');
    script.http = fetched();
    expect(await fetchUsing()).toBe('exec+http ok');
    expect(await fetchUsing()).toBe('http ok');
  });

  it('blames the daemon where it takes the way that worked, and goes back to that way with it', async () => {
    script.http = fails('connection_failed');
    await fetchUsing();
    script.exec = fails('docker_unavailable');
    expect(await fetchUsing()).toBe('exec+http docker_unavailable');
    script.exec = fetched();
    expect(await fetchUsing()).toBe('exec ok');
  });

  it('names both where both fail, with the reason of the one that could ask', async () => {
    script.http = fails('connection_failed');
    script.exec = fails('no_client');
    expect(await fetchUsing()).toBe('http+exec connection_failed');
    script.exec = fails('http_status');
    expect(await fetchUsing()).toBe('http+exec http_status');
    const outcome = await fallback.fetch(aRequest(), NEVER);
    expect(outcome).toMatchObject({ detail: 'http: connection_failed; exec: http_status' });
  });
});

describe('ReusingMetricsFetcher', () => {
  it('serves a success again while it is young, with a hold for each', async () => {
    let nowMs = 0;
    const clock: Clock = { nowMs: () => nowMs, epochMs: () => 0 };
    const outcomes = [fetched('a 1\n'), fetched('a 2\n')];
    let calls = 0;
    const reusing = new ReusingMetricsFetcher(
      fetcherOf(() => Promise.resolve(outcomes[calls++]!)),
      1000,
      clock,
    );
    expect(await reusing.fetch(aRequest(), NEVER)).toBe(outcomes[0]);
    nowMs = 999;
    expect(await reusing.fetch(aRequest(), NEVER)).toBe(outcomes[0]);
    expect(outcomes[0]!.body.holders).toBe(3);
    nowMs = 1000;
    expect(await reusing.fetch(aRequest(), NEVER)).toBe(outcomes[1]);
    expect(outcomes[0]!.body.holders).toBe(2);
  });

  it('never serves a failure again', async () => {
    let calls = 0;
    const reusing = new ReusingMetricsFetcher(
      fetcherOf(() => {
        calls++;
        return Promise.resolve(failure('timeout', 'x'));
      }),
      1000,
      realClock,
    );
    await reusing.fetch(aRequest(), NEVER);
    await reusing.fetch(aRequest(), NEVER);
    expect(calls).toBe(2);
  });
});
