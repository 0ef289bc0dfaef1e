import { metricTypeWord, parseMetricType } from '../../../../src/domain/exposition/type-word.ts';

describe('the word of a TYPE line', () => {
  it.each([
    ['counter', 'text', 'counter'],
    ['untyped', 'text', 'unknown'],
    ['unknown', 'text', undefined],
    ['info', 'text', undefined],
    ['Counter', 'text', undefined],
    ['', 'text', undefined],
    ['untyped', 'openmetrics', undefined],
    ['unknown', 'openmetrics', 'unknown'],
    ['gaugehistogram', 'openmetrics', 'gaugehistogram'],
  ] as const)('%j in %s is read as %s', (word, syntax, type) => {
    expect(parseMetricType(word, syntax)).toBe(type);
  });

  it('is written as the format has it', () => {
    expect([metricTypeWord('unknown', 'text'), metricTypeWord('unknown', 'openmetrics')]).toEqual([
      'untyped',
      'unknown',
    ]);
  });
});
