import { gzipSync } from 'node:zlib';
import { judge, type Promises } from '../../../../bench/soak/judge.ts';
import type { ScrapeRecord } from '../../../../bench/soak/scrape-steadily.ts';
import type { SoakTarget } from '../../../../bench/soak/soak-targets.ts';

const SAMPLES = 100;
const target = { name: 'a', isHung: false, touched: [] } as unknown as SoakTarget;
/** The machine stands still from here on. */
const stalledFrom = (stallMs: number): Promises['witness'] => ({
  sawStall: ({ startMs }) => startMs >= stallMs,
});

function textWith(samples: number): string {
  const lines = Array.from({ length: samples }, (_, i) => {
    return `soak_requests_total{container_name="a",path="/items/${i}",code="200"} 1\n`;
  });
  return `# HELP soak_requests_total Requests.\n# TYPE soak_requests_total counter\n${lines.join('')}`;
}

function record(samples: number, facts: Partial<ScrapeRecord> = {}): ScrapeRecord {
  const body = gzipSync(textWith(samples));
  const times = { startMs: 0, endMs: 4500, cpuWaitMs: 0 };
  return {
    ...times,
    wantsOpenMetrics: false,
    status: 200,
    encoding: 'gzip',
    contentType: '',
    body,
    ...facts,
  };
}

function problems(records: readonly ScrapeRecord[], witness = stalledFrom(Infinity)): readonly string[] {
  const limits = { timeoutMs: 5000, budgetMs: 4500, judgesTime: true, outlivesEngine: false };
  return judge(records, [target], { ...limits, outage: undefined, witness }).problems;
}

describe('judge', () => {
  it('finds nothing in whole answers', () => {
    expect(problems([record(SAMPLES)])).toEqual([]);
  });

  it('finds a sample that is missing', () => {
    expect(problems([record(SAMPLES), record(SAMPLES - 1)])).toEqual([
      'answer 1: 99 samples of a: without a target_problem',
    ]);
  });

  it('asks for no samples while the machine stands still, but for a whole answer', () => {
    const witness = stalledFrom(1);
    const late = { startMs: 5000, endMs: 9500 };
    expect(problems([record(SAMPLES), record(0, late)], witness)).toEqual([]);
    const cut = { ...late, body: gzipSync(textWith(0).trimEnd()) };
    expect(problems([record(SAMPLES), record(0, cut)], witness)).toContain(
      'answer 1: its end is missing, or of the wrong format',
    );
  });

  it('is not content where the machine stood still all the time', () => {
    expect(problems([record(SAMPLES)], stalledFrom(0))).toEqual([
      expect.stringContaining('nothing was proven'),
    ]);
  });

  it.each([
    ['is late', { isLate: true, problem: 'aborted' }, 0],
    ['is refused', { isLate: false, problem: 'ECONNREFUSED' }, 1],
  ])('where the machine stands still, an answer that %s: %j', (_what, facts, count) => {
    const witness = stalledFrom(1);
    const none = record(0, { startMs: 5000, endMs: 15_000, cpuWaitMs: 9000, status: 0, ...facts });
    const found = problems([record(SAMPLES), none], witness).filter((problem) => problem.includes('status'));
    expect(found).toHaveLength(count);
  });

  it('judges the time of an answer, less what the exporter waited for a CPU', () => {
    expect(problems([record(SAMPLES, { endMs: 5100 })])).toEqual([
      'answer 0: after 5100 ms',
      'only 0 of 1 answers within the budget + 100 ms',
    ]);
    expect(problems([record(SAMPLES, { endMs: 5100, cpuWaitMs: 600 })])).toEqual([]);
  });
});
