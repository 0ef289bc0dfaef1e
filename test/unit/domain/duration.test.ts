import { parseDurationMs } from '../../../src/domain/duration.ts';

describe('parseDurationMs', () => {
  const reads = (text: string, ms: number | undefined): void =>
    it(`${JSON.stringify(text)} is ${ms}`, () => expect(parseDurationMs(text)).toBe(ms));

  reads('10s', 10_000);
  reads('500ms', 500);
  reads('1m30s', 90_000);
  reads('1h', 3_600_000);
  reads('1h2m3s4ms', 3_723_004);
  reads('0s', 0);
  reads('0', 0);
  for (const bad of ['', '10', '1.5s', '-1s', '10S', '10 s', '30s1m', '1d', 's', '1s1s', '10sec', '0x1s'])
    reads(bad, undefined);
});
