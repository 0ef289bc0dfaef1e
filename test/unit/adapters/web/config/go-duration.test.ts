import { parseGoDurationMs } from '../../../../../src/adapters/web/config/go-duration.ts';

describe('parseGoDurationMs', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['1s', 1000],
    ['1.5s', 1500],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['250ms', 250],
    ['500us', 0.5],
    ['500µs', 0.5],
  ])('%s is %d ms', (text, expected) => {
    expect(parseGoDurationMs(text)).toBeCloseTo(expected);
  });

  it.each(['', '1', 's', '-1s', '1d', '1 s', '1s ', '1..5s', 'x1s'])('%j is none', (text) => {
    expect(parseGoDurationMs(text)).toBeUndefined();
  });
});
