import { ReusingMetricsFetcher } from '../../../../src/application/fetching/reusing-metrics-fetcher.ts';
import type { Clock } from '../../../../src/domain/clock.ts';
import { failure } from '../../../../src/domain/fetching/failure.ts';
import { aRequest, fetched, fetcherOf, NEVER, realClock } from '../../../support/fakes.ts';

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
