import {
  agoText,
  countText,
  durationText,
  sizeText,
} from '../../../../../src/adapters/koa/pages/quantities.ts';

describe('quantities for people', () => {
  it.each([
    [durationText(0), '0 ms'],
    [durationText(0.0004), '0 ms'],
    [durationText(0.85), '850 ms'],
    [durationText(0.9994), '999 ms'],
    [durationText(0.9996), '1.00 s'],
    [durationText(12.345), '12.35 s'],
    [sizeText(0), '0 B'],
    [sizeText(1023), '1023 B'],
    [sizeText(1024), '1.0 KiB'],
    [sizeText(1024 * 1024 - 1), '1.0 MiB'],
    [sizeText(16 * 2 ** 20), '16.0 MiB'],
    [sizeText(2 ** 41), '2048.0 GiB'],
    [countText(1234567), '1,234,567'],
    [agoText(-300), 'just now'],
    [agoText(400), 'just now'],
    [agoText(12_300), '12 s ago'],
    [agoText(99_000), '99 s ago'],
    [agoText(101_000), '2 min ago'],
    [agoText(99 * 60_000), '99 min ago'],
    [agoText(3 * 3_600_000), '3 h ago'],
    [agoText(50 * 3_600_000), '2 d ago'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});
