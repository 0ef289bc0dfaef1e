import {
  exportedName,
  isClassicLabelName,
  isClassicMetricName,
  underscoredLabelName,
  underscoredMetricName,
} from '../../../../src/domain/exposition/name.ts';

describe('classic names', () => {
  it.each([
    ['m', true, true],
    ['_m', true, true],
    ['m1', true, true],
    ['a:b', true, false],
    [':a', true, false],
    ['1m', false, false],
    ['a.b', false, false],
    ['é', false, false],
    ['', false, false],
    ['m\n', false, false],
  ])('%j: metric %s, label %s', (name, isMetric, isLabel) => {
    expect([isClassicMetricName(name), isClassicLabelName(name)]).toEqual([isMetric, isLabel]);
  });
});

describe('escaping by underscores', () => {
  it.each([
    ['http.requests', 'http_requests', 'http_requests'],
    ['a:b', 'a:b', 'a_b'],
    ['1a', '_a', '_a'],
    ['a1', 'a1', 'a1'],
    ['温度', '__', '__'],
    ['a🚀b', 'a_b', 'a_b'],
    ['a b"c', 'a_b_c', 'a_b_c'],
  ])('turns %j into %s (metric) and %s (label)', (name, metric, label) => {
    expect([underscoredMetricName(name), underscoredLabelName(name)]).toEqual([metric, label]);
  });
});

describe('exportedName', () => {
  it('prefixes until the name is free', () => {
    const taken = new Set(['exported_job', 'exported_exported_job']);
    expect(exportedName('job', (name) => taken.has(name))).toBe('exported_exported_exported_job');
    expect(exportedName('job', () => false)).toBe('exported_job');
  });
});
