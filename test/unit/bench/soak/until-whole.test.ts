import type { ScrapeRecord } from '../../../../bench/soak/scrape-steadily.ts';
import { untilWhole } from '../../../../bench/soak/until-whole.ts';

describe('untilWhole', () => {
  const answers = async (wholeAt: number, stallsUntil = 0): Promise<number> => {
    let nth = 0;
    await untilWhole(
      () => Promise.resolve({ startMs: ++nth, endMs: nth } as ScrapeRecord),
      ({ startMs }) => (startMs < wholeAt ? ['not whole'] : []),
      { sawStall: ({ startMs }) => startMs <= stallsUntil },
    );
    return nth;
  };

  it('has a few answers to become whole', async () => {
    expect(await answers(4)).toBe(4);
    await expect(answers(5)).rejects.toThrow('none of 4 answers was whole, the last one: not whole');
  });

  it('does not count those during which the machine stood still, up to a limit', async () => {
    expect(await answers(8, 4)).toBe(8);
    await expect(answers(9, 4)).rejects.toThrow('none of 8 answers');
    await expect(answers(Infinity, Infinity)).rejects.toThrow('none of 34 answers');
  });
});
