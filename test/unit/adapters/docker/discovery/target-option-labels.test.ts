import { readTargetOptions } from '../../../../../src/adapters/docker/discovery/target-option-labels.ts';

const MAIN = 'container-exposes-metrics';

describe('readTargetOptions', () => {
  it.each([
    ['fetch-mode', 'auto', { fetchMode: 'auto' }],
    ['timeout', '1m30s', { timeoutMs: 90_000 }],
    ['timeout', '500ms', { timeoutMs: 500 }],
    ['sample-limit', '0', { sampleLimit: 0 }],
    ['sample-limit', '2000', { sampleLimit: 2000 }],
    ['scheme', 'https', { scheme: 'https' }],
    ['tls-verify', 'true', { verifiesTls: true }],
  ])('.%s=%s', (name, value, expected) => {
    expect(readTargetOptions({ [`${MAIN}.${name}`]: value }, MAIN)).toEqual({
      scheme: 'http',
      verifiesTls: false,
      warnings: [],
      ...expected,
    });
  });

  it.each([
    ['fetch-mode', 'HTTP', 'exec, http, auto'],
    ['fetch-mode', '', 'exec, http, auto'],
    ['timeout', '5', 'a duration'],
    ['timeout', '0s', 'a duration'],
    ['timeout', '-1s', 'a duration'],
    ['timeout', '2s; reboot', 'a duration'],
    ['sample-limit', '1e3', 'a whole number'],
    ['sample-limit', '-1', 'a whole number'],
    ['sample-limit', ' 5', 'a whole number'],
    ['scheme', 'ftp', 'http, https'],
    ['tls-verify', '1', 'true, false'],
    ['tls-verify', 'TRUE', 'true, false'],
  ])('.%s=%s is ignored with a warning', (name, value, allowed) => {
    const options = readTargetOptions({ [`${MAIN}.${name}`]: value }, MAIN);
    expect(options).toEqual({
      scheme: 'http',
      verifiesTls: false,
      warnings: [expect.stringContaining(allowed)],
    });
  });

  it('names what there is for an unknown one', () => {
    const { warnings } = readTargetOptions({ [`${MAIN}.time-out`]: '5s' }, MAIN);
    expect(warnings).toEqual([expect.stringContaining(`${MAIN}.timeout`)]);
  });

  it('shows what is unknown in a name whose beginning is long', () => {
    const long = `com.example.${'x'.repeat(60)}`;
    const { warnings } = readTargetOptions({ [`${long}.time-out`]: '5s' }, long);
    expect(warnings).toEqual([expect.stringContaining(`label ${long}.time-out is unknown`)]);
  });

  it('is not fooled by names of Object', () => {
    expect(readTargetOptions({ [`${MAIN}.constructor`]: 'x' }, MAIN).warnings).toHaveLength(1);
  });

  it('leaves other labels alone', () => {
    const labels = { [MAIN]: '9100', 'container-exposes-metricsx.timeout': 'x', maintainer: 'us' };
    expect(readTargetOptions(labels, MAIN).warnings).toEqual([]);
  });

  it('shows a long or unprintable value shortened', () => {
    const [warning = ''] = readTargetOptions({ [`${MAIN}.scheme`]: `\n${'x'.repeat(500)}` }, MAIN).warnings;
    expect(warning).not.toContain('\n');
    expect(warning.length).toBeLessThan(200);
  });
});
