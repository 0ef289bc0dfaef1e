import {
  familyKey,
  familyShape,
  typeIn,
} from '../../../../../src/domain/exposition/families/family-shape.ts';
import type { MetricType } from '../../../../../src/domain/exposition/metric-type.ts';

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
    ['x', 'stateset', 'none', 'x: x'],
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
