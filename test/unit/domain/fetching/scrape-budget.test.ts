import { scrapeBudgetMs } from '../../../../src/domain/fetching/scrape-budget.ts';

describe('scrapeBudgetMs', () => {
  const budget = (
    header: string | undefined,
    scrapeTimeoutMs: number | undefined,
    offsetMs: number,
    want: number,
  ): void =>
    it(`header ${header}, SCRAPE_TIMEOUT ${scrapeTimeoutMs}, offset ${offsetMs}: ${want} ms`, () =>
      expect(scrapeBudgetMs(header, { scrapeTimeoutMs, offsetMs })).toBe(want));

  budget(undefined, undefined, 500, 10_000);
  budget(undefined, 3000, 500, 3000);
  budget('10', undefined, 500, 9500);
  budget('10.5', undefined, 500, 10_000);
  budget('1e1', undefined, 500, 9500);
  budget('10', 3000, 500, 3000);
  budget('2', 3000, 500, 1500);
  // At least half of the header's value, so that the offset doesn't use up a short timeout.
  budget('0.6', undefined, 500, 300);
  budget('0.1', undefined, 500, 50);
  budget('10', undefined, 60_000, 5000);
  // Malformed or not positive: counts as absent.
  for (const bad of ['', 'abc', '-1', '0', '0.0', '10s', 'NaN', 'Infinity', '0x10', '10,5']) {
    budget(bad, undefined, 500, 10_000);
  }
  budget('1e999', undefined, 500, 2 ** 31 - 1 - 500);
});
