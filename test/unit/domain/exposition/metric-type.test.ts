import { allowsExemplar, boundLabel } from '../../../../src/domain/exposition/metric-type.ts';

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

describe('boundLabel', () => {
  it.each([
    ['histogram', 'le'],
    ['gaugehistogram', 'le'],
    ['summary', 'quantile'],
    ['counter', undefined],
  ] as const)('of a %s: %s', (type, label) => {
    expect(boundLabel(type)).toBe(label);
  });
});
