import { requestsOf, untilLogged } from '../support/container-state.ts';
import { startTargets, uniqueLabel, type TargetContainer } from '../support/containers.ts';
import { startExporter } from '../support/program.ts';
import { problemOf, samples, scrape, targetUp } from '../support/scrape.ts';

const MODES = ['exec', 'http'] as const;
const DELAY_MS = 5000;

describe.each(MODES)('concurrent scrapes, in %s mode', (mode) => {
  it('share the fetch of a target, and each keeps its own deadline', async () => {
    const metricsLabel = uniqueLabel();
    const slow: TargetContainer = {
      metricsLabel,
      ecsName: 'slow',
      serves: { body: 'slow_total 7\n', delayMs: DELAY_MS },
    };
    await using targets = await startTargets([slow]);
    const [target] = targets.containers as [(typeof targets.containers)[number]];
    await using exporter = await startExporter({
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: mode,
      TARGET_TIMEOUT: '20s',
    });
    const first = scrape(`${exporter.url}/metrics`, 20);
    const arrived: string[] = [];
    void first.then(() => arrived.push('first'));
    await untilLogged(target, 'request 9100');
    const [all, filtered, alone, hasty] = await Promise.all([
      first,
      scrape(`${exporter.url}/metrics?container_name=slow`, 20),
      scrape(`${exporter.url}/targets/${target.getId()}/metrics`, 20),
      scrape(`${exporter.url}/metrics`, 1).finally(() => arrived.push('hasty')),
    ]);

    for (const { text } of [all, filtered, alone]) {
      expect(samples(text, 'slow_total')).toEqual(['slow_total{container_name="slow"} 7']);
    }
    expect(targetUp(hasty.text, 'slow')).toBe(0);
    expect(problemOf(hasty.text, 'slow')).toBe('timeout');
    expect(arrived).toEqual(['hasty', 'first']);
    expect(await requestsOf(target, '/metrics')).toBe(1);

    await scrape(`${exporter.url}/metrics`, 20);
    expect(await requestsOf(target, '/metrics')).toBe(2);
  });
});
