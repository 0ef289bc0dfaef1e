import { RoutingMetricsFetcher } from '../../../../src/application/fetching/routing-metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../src/domain/targets/target.ts';
import { aRequest, fetched, fetcherOf, NEVER } from '../../../support/fakes.ts';
import { aTarget } from '../../../support/targets.ts';

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
