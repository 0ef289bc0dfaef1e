import type { ScrapeRecord } from './scrape-steadily.ts';
import type { Witness } from './witness.ts';

const MAX_ANSWERS = 4;
/** For a machine that is of no use: its answers take a budget each. */
const MAX_STALLED_ANSWERS = 30;

/**
 * Scrapes until an answer is whole: connections and sessions are open then. The exporter has to be there within a few answers,
 * those aside during which the machine stood still.
 */
export async function untilWhole(
  scrape: () => Promise<ScrapeRecord>,
  problemsOf: (record: ScrapeRecord) => readonly string[],
  witness: Pick<Witness, 'sawStall'>,
): Promise<void> {
  let judged = 0;
  for (let all = 1; ; all++) {
    const record = await scrape();
    const problems = problemsOf(record);
    if (problems.length === 0) return;
    if (!witness.sawStall(record)) judged++;
    if (judged >= MAX_ANSWERS || all >= MAX_ANSWERS + MAX_STALLED_ANSWERS) {
      throw new Error(`none of ${all} answers was whole, the last one: ${problems.join('; ')}`);
    }
  }
}
