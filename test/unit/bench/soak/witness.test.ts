import type { ScrapeRecord } from '../../../../bench/soak/scrape-steadily.ts';
import { Witness } from '../../../../bench/soak/witness.ts';
import { delay } from '../../../support/fakes.ts';
import { until } from '../../../support/until.ts';

const scrape = (
  startMs: number,
  endMs: number,
  cpuWaitMs = 0,
): Pick<ScrapeRecord, 'startMs' | 'endMs' | 'cpuWaitMs'> => ({
  startMs,
  endMs,
  cpuWaitMs,
});

describe('Witness', () => {
  it('tells of a probe that takes longer than the others, while it lasts and afterwards', async () => {
    const held = Promise.withResolvers<undefined>();
    let probes = 0;
    await using witness = new Witness(async () => {
      if (++probes === 3) await held.promise;
    }, 1);
    await until(() => probes === 3, 'it does not probe');
    const stallMs = performance.now();
    await delay(2100);
    expect(witness.sawStall(scrape(stallMs, performance.now()))).toBe(true);
    held.resolve(undefined);
    await until(() => probes > 5, 'it does not go on');
    const afterMs = performance.now();
    await until(() => probes > 8, 'it does not go on');
    expect(witness.sawStall(scrape(stallMs, stallMs + 1))).toBe(true);
    expect(witness.delayMs(afterMs, performance.now())).toBeLessThan(1000);
  });

  it('tells of a probe that fails', async () => {
    let probes = 0;
    await using witness = new Witness(() => {
      probes++;
      return Promise.reject(new Error('no such container'));
    }, 1);
    await until(() => probes > 1, 'it does not probe');
    expect(witness.sawStall(scrape(0, performance.now()))).toBe(true);
  });

  it('tells of a scrape whose exporter had no CPU', async () => {
    await using witness = new Witness(() => Promise.resolve());
    expect([1000, 2000].map((ms) => witness.sawStall(scrape(0, 1, ms)))).toEqual([false, true]);
  });
});
