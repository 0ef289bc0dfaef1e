import { escapedHelp, unescapedHelp, unescapedLabelValue } from '../../../../src/domain/exposition/escape.ts';
import {
  allowsExemplar,
  familyKey,
  familyShape,
  metricTypeWord,
  parseMetricType,
  typeIn,
  type MetricType,
} from '../../../../src/domain/exposition/metric-type.ts';

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

describe('familyKey', () => {
  it.each([
    ['foo', 'counter', 'openmetrics', 'foo_total'],
    ['foo_total', 'counter', 'text', 'foo_total'],
    ['foo', 'info', 'openmetrics', 'foo_info'],
    ['foo', 'gauge', 'openmetrics', 'foo'],
    ['foo', 'histogram', 'text', 'foo'],
  ] as const)('%s, %s in %s, goes by %s', (name, type, syntax, key) => {
    expect(familyKey(name, type, syntax)).toBe(key);
  });
});

describe('typeIn', () => {
  it.each([
    ['info', 'gauge', 'info'],
    ['stateset', 'gauge', 'stateset'],
    ['gaugehistogram', 'gaugehistogram', 'gaugehistogram'],
    ['counter', 'counter', 'counter'],
  ] as const)('%s is %s in text and %s in OpenMetrics', (type, text, openMetrics) => {
    expect([typeIn('text', type), typeIn('openmetrics', type)]).toEqual([text, openMetrics]);
  });
});

describe('familyShape', () => {
  it.each<[key: string, type: MetricType, text: string, openMetrics: string]>([
    ['x', 'gauge', 'x: x', 'x: x'],
    ['x', 'unknown', 'x: x', 'x: x'],
    ['x', 'stateset', 'x: x', 'x: x'],
    ['x_total', 'counter', 'x_total: x_total', 'x: x_total x_created, keeps x'],
    ['x', 'counter', 'x: x', 'none'],
    ['_total', 'counter', '_total: _total', 'none'],
    ['x_total_total', 'counter', 'x_total_total: x_total_total', 'none'],
    ['x', 'histogram', 'x: x_bucket x_sum x_count, keeps x', 'x: x_bucket x_sum x_count x_created, keeps x'],
    ['x', 'summary', 'x: x x_sum x_count', 'x: x x_sum x_count x_created'],
    ['x_info', 'info', 'none', 'x: x_info, keeps x'],
    ['x', 'gaugehistogram', 'none', 'x: x_bucket x_gsum x_gcount, keeps x'],
  ])('%s as %s', (key, type, text, openMetrics) => {
    const shown = (output: 'text' | 'openmetrics'): string => {
      const shape = familyShape(key, type, output);
      if (shape === undefined) return 'none';
      const { name, members, reserved } = shape;
      return `${name}: ${members.join(' ')}${reserved === undefined ? '' : `, keeps ${reserved}`}`;
    };
    expect([shown('text'), shown('openmetrics')]).toEqual([text, openMetrics]);
  });
});

describe('allowsExemplar', () => {
  it.each([
    ['counter', 'x_total', true],
    ['counter', 'x_created', false],
    ['histogram', 'x_bucket', true],
    ['histogram', 'x_count', false],
    ['gaugehistogram', 'x_bucket', true],
    ['unknown', 'x_total', false],
    ['gauge', 'x_bucket', false],
  ] as const)('%s %s: %s', (type, name, allowed) => {
    expect(allowsExemplar(type, name)).toBe(allowed);
  });
});

describe('escapes', () => {
  it('of label values keep an unknown one as it is', () => {
    expect(unescapedLabelValue('a\\\\b\\"c\\nd\\e')).toBe('a\\b"c\nd\\e');
  });

  it('of HELP differ in the quote', () => {
    expect(unescapedHelp('a\\"b\\\\c\\nd', 'text')).toBe('a\\"b\\c\nd');
    expect(unescapedHelp('a\\"b\\\\c\\nd', 'openmetrics')).toBe('a"b\\c\nd');
    expect(escapedHelp('a"b\\c\nd', 'text')).toBe('a"b\\\\c\\nd');
    expect(escapedHelp('a"b\\c\nd', 'openmetrics')).toBe('a\\"b\\\\c\\nd');
  });
});
