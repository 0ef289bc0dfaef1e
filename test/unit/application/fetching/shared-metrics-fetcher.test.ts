import { SharedMetricsFetcher } from '../../../../src/application/fetching/shared-metrics-fetcher.ts';
import { failure, type FailureReason } from '../../../../src/domain/fetching/failure.ts';
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

describe('SharedMetricsFetcher', () => {
  it('fetches once for all who ask at the same time, and gives each a hold on the body', async () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    const both = Promise.all([shared.fetch(aRequest(), NEVER), shared.fetch(aRequest(), NEVER)]);
    expect(inner.calls).toHaveLength(1);
    const outcome = fetched();
    inner.calls[0]!.answer(outcome);
    expect(await both).toEqual([outcome, outcome]);
    expect(outcome.body.holders).toBe(2);
  });

  it('fetches anew once the last fetch has ended', async () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    const first = shared.fetch(aRequest(), NEVER);
    inner.calls[0]!.answer(fetched());
    await first;
    void shared.fetch(aRequest(), NEVER);
    expect(inner.calls).toHaveLength(2);
  });

  it('keeps endpoints and targets apart', () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    void shared.fetch(aRequest(), NEVER);
    void shared.fetch(aRequest({ endpoint: { port: 9101, path: '/metrics' } }), NEVER);
    void shared.fetch(aRequest({ target: aTarget({ id: 'b'.repeat(64) }) }), NEVER);
    expect(inner.calls).toHaveLength(3);
  });

  it('does not join a fetch from the address that the target had before', () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    for (const host of ['172.17.0.4', '172.17.0.5', '172.17.0.5']) {
      void shared.fetch(aRequest({ target: aTarget({ address: { kind: 'ip', host } }) }), NEVER);
    }
    expect(inner.calls.map(({ request }) => request.target.address)).toEqual([
      { kind: 'ip', host: '172.17.0.4' },
      { kind: 'ip', host: '172.17.0.5' },
    ]);
  });

  it('lets one leave at its deadline while the fetch goes on for the other', async () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    const hurried = new AbortController();
    const first = shared.fetch(aRequest(), hurried.signal);
    const second = shared.fetch(aRequest(), NEVER);
    hurried.abort();
    expect(await first).toMatchObject({ ok: false, reason: 'timeout' });
    expect(inner.calls[0]!.signal.aborted).toBe(false);
    const outcome = fetched();
    inner.calls[0]!.answer(outcome);
    expect(await second).toBe(outcome);
    expect(outcome.body.holders).toBe(1);
  });

  it('stops the fetch when the last one has left, and passes on why it ended', async () => {
    const shared = new SharedMetricsFetcher(
      fetcherOf((_request, signal) => untilAborted(signal, failure('queued', 'never started'))),
      realClock,
    );
    const leaving = new AbortController();
    const outcome = shared.fetch(aRequest(), leaving.signal);
    leaving.abort();
    expect(await outcome).toMatchObject({ reason: 'queued' });
  });

  it('does not wait for a fetcher that ignores its signal, and drops the body that comes too late', async () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    const leaving = new AbortController();
    const outcome = shared.fetch(aRequest(), leaving.signal);
    leaving.abort();
    expect(await outcome).toMatchObject({ reason: 'timeout' });
    const late = fetched();
    inner.calls[0]!.answer(late);
    await delay(0);
    expect(late.body.holders).toBe(0);
    void shared.fetch(aRequest(), NEVER);
    expect(inner.calls).toHaveLength(2);
  });

  it('turns a rejection into a failure', async () => {
    const inner = new ManualFetcher();
    const outcome = new SharedMetricsFetcher(inner, realClock).fetch(aRequest(), NEVER);
    inner.calls[0]!.reject(new Error('a bug'));
    expect(await outcome).toEqual(failure('internal', 'a bug'));
  });

  it('turns a synchronous throw into a failure', async () => {
    const shared = new SharedMetricsFetcher(
      fetcherOf(() => {
        throw new Error('a bug');
      }),
      realClock,
    );
    expect(await shared.fetch(aRequest(), NEVER)).toEqual(failure('internal', 'a bug'));
  });

  it('turns a rejection into a failure that no text can be made of', async () => {
    const odd = Object.create(null) as Error;
    const shared = new SharedMetricsFetcher(
      fetcherOf(() => Promise.reject(odd)),
      realClock,
    );
    expect(await shared.fetch(aRequest(), NEVER)).toMatchObject({ reason: 'internal' });
  });

  it('calls a failure internal whose reason is not on the list: others rely on it', async () => {
    const odd = failure('my "own"' as FailureReason, 'why');
    const shared = new SharedMetricsFetcher(
      fetcherOf(() => Promise.resolve(odd)),
      realClock,
    );
    expect(await shared.fetch(aRequest(), NEVER)).toEqual(failure('internal', 'my "own": why'));
  });

  it('tries again for one with more time, where the fetch it joined was cut short by the time of another', async () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    void shared.fetch(aRequest({ timeoutMs: 20 }), NEVER);
    const patient = shared.fetch(aRequest({ timeoutMs: 5000 }), NEVER);
    await delay(30);
    inner.calls[0]!.answer(failure('timeout', 'cut'));
    await delay(0);
    expect(inner.calls).toHaveLength(2);
    const outcome = fetched();
    inner.calls[1]!.answer(outcome);
    expect(await patient).toBe(outcome);
  });

  it('tries again where that fetch ended a little before its time, as timers and clients do', async () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    void shared.fetch(aRequest({ timeoutMs: 200 }), NEVER);
    void shared.fetch(aRequest({ timeoutMs: 5000 }), NEVER);
    inner.calls[0]!.answer(failure('timeout', 'cut'));
    await delay(0);
    expect(inner.calls).toHaveLength(2);
  });

  it("does not try again where the fetch ran into its target's own limit", async () => {
    const inner = new ManualFetcher();
    const shared = new SharedMetricsFetcher(inner, realClock);
    void shared.fetch(aRequest({ timeoutMs: 2000 }), NEVER);
    const second = shared.fetch(aRequest({ timeoutMs: 5000 }), NEVER);
    inner.calls[0]!.answer(failure('timeout', 'its own'));
    expect(await second).toEqual(failure('timeout', 'its own'));
    expect(inner.calls).toHaveLength(1);
  });

  it('answers at once where the signal has aborted before', async () => {
    const shared = new SharedMetricsFetcher(
      fetcherOf((_request, signal) => untilAborted(signal, failure('timeout', 'late'))),
      realClock,
    );
    expect(await shared.fetch(aRequest(), AbortSignal.abort())).toMatchObject({ reason: 'timeout' });
  });
});
