import {
  fitsText,
  millisecondsFromSeconds,
  millisecondsOf,
  secondsFromMilliseconds,
} from '../../../../src/domain/exposition/timestamp.ts';

describe('secondsFromMilliseconds', () => {
  it.each([
    ['1395066363000', '1395066363'],
    ['1395066363012', '1395066363.012'],
    ['1395066363100', '1395066363.1'],
    ['0', '0'],
    ['000', '0'],
    ['1', '0.001'],
    ['0012', '0.012'],
    ['1000', '1'],
    ['9223372036854775807', '9223372036854775.807'],
  ])('%s is %s', (milliseconds, seconds) => {
    expect(secondsFromMilliseconds(milliseconds)).toBe(seconds);
  });
});

describe('millisecondsFromSeconds', () => {
  it.each([
    ['1', '1000'],
    ['1.5', '1500'],
    ['1520879607.789', '1520879607789'],
    ['1520879607.7899999', '1520879607789'],
    ['0', '0'],
    ['0.0004', '0'],
    ['.5', '500'],
    ['5.', '5000'],
    ['+5', '5000'],
    ['1e3', '1000000'],
    ['1.5E+1', '15000'],
    ['15e-1', '1500'],
    ['1e-400', '0'],
    ['-1.5', '-1500'],
    ['-0.0001', '0'],
    ['-0', '0'],
    ['12345678901234567890.1234567890', '12345678901234567890123'],
    ['0000.0000001e7', '1000'],
  ])('%s is %s', (seconds, milliseconds) => {
    expect(millisecondsFromSeconds(seconds)).toBe(milliseconds);
  });
});

describe('millisecondsOf', () => {
  it.each([
    ['0012', 'text', '12'],
    ['0', 'text', '0'],
    ['000', 'text', '0'],
    ['1.5', 'openmetrics', '1500'],
  ] as const)('%s in %s is %s', (timestamp, syntax, milliseconds) => {
    expect(millisecondsOf(timestamp, syntax)).toBe(milliseconds);
  });
});

describe('fitsText', () => {
  it.each([
    ['0', true],
    ['9223372036854775807', true],
    ['9223372036854775808', false],
    ['10000000000000000000', false],
    ['-1', false],
  ])('%s: %s', (milliseconds, fits) => {
    expect(fitsText(milliseconds)).toBe(fits);
  });
});
