import { FallbackMetricsFetcher } from '../../../../src/application/fetching/fallback-metrics-fetcher.ts';
import { failure, type FailureReason } from '../../../../src/domain/fetching/failure.ts';
import type { FetchOutcome } from '../../../../src/domain/fetching/metrics-fetcher.ts';
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
