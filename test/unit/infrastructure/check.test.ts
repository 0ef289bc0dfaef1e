import type { TargetList } from '../../../src/application/list-targets.ts';
import { failure, type Failure } from '../../../src/domain/fetching/failure.ts';
import { reportOf } from '../../../src/infrastructure/check.ts';
import { aTarget, identified } from '../../support/targets.ts';

const listOf = (facts: Partial<TargetList>): TargetList => ({
  endpoints: [],
  invalid: [],
  problem: undefined,
  ...facts,
});

const scraped = (failed?: Failure): TargetList['endpoints'][number] => ({
  identified: identified(),
  state: failed === undefined ? 'up' : 'down',
  mode: 'exec',
  last: {
    atEpochMs: 0,
    report: {
      identified: identified(),
      failure: failed,
      durationSeconds: 0.0214,
      bodyBytes: 1234,
      samples: 56,
      via: failed === undefined ? 'exec' : undefined,
    },
  },
});

describe('the report of a check', () => {
  it('is fine where every endpoint is up', () => {
    expect(reportOf(listOf({ endpoints: [scraped()] }))).toEqual({
      isFine: true,
      lines: ['up       app (aaaaaaaaaaaa) 9100/metrics: 56 samples, 1234 bytes in 0.021 s by exec'],
    });
  });

  it('is fine without targets, and says so', () => {
    expect(reportOf(listOf({}))).toEqual({ isFine: true, lines: ['there are no targets'] });
  });

  it('explains what is down', () => {
    const { isFine, lines } = reportOf(listOf({ endpoints: [scraped(failure('redirect', 'to /login'))] }));
    expect(isFine).toBe(false);
    expect(lines[0]).toBe('down     app (aaaaaaaaaaaa) 9100/metrics: redirect: to /login');
    expect(lines[1]).toMatch(/final path into the label/);
  });

  it('names labels that are not understood', () => {
    const invalid = [{ target: aTarget(), endpoint: { text: '9100@x', reason: 'names a host' } }];
    expect(reportOf(listOf({ invalid }))).toEqual({
      isFine: false,
      lines: ['invalid  app (aaaaaaaaaaaa) "9100@x" names a host'],
    });
  });

  it('names labels that are ignored, which is no failure', () => {
    const { identified: seen, ...rest } = scraped();
    const options = { ...seen.target.options, warnings: ['label x.timeout="5" is ignored'] };
    const target = { ...seen.target, options };
    const { isFine, lines } = reportOf(listOf({ endpoints: [{ ...rest, identified: { ...seen, target } }] }));
    expect([isFine, lines[1]]).toEqual([true, '         label x.timeout="5" is ignored']);
  });

  it('reports why the discovery does not answer', () => {
    expect(reportOf(listOf({ problem: 'no socket' }))).toMatchObject({
      isFine: false,
      lines: ['the source of targets does not answer: no socket'],
    });
  });
});
