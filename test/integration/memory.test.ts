import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { programsIn } from '../support/container-state.ts';
import { startTargets, uniqueLabel, type TargetContainer, type TargetGroup } from '../support/containers.ts';
import { startExporter, type RunningProgram } from '../support/program.ts';
import { checkExposition, problemOf, samples, scrape, targetUp } from '../support/scrape.ts';
import { until } from '../support/until.ts';

const HEAP_REPORT = pathToFileURL(join(import.meta.dirname, '../support/heap-report.mjs')).href;
const MEBIBYTE = 2 ** 20;

interface Usage {
  readonly fileDescriptors: number;
  readonly programs: readonly string[];
  readonly heapBytes: number;
}

/** What the exporter holds once it has nothing to do. */
async function usageOf(exporter: RunningProgram, targets: TargetGroup): Promise<Usage> {
  const fileDescriptors = await settledFileDescriptors(exporter.pid);
  const reports = () => [...exporter.log().matchAll(/^heap-report (\d+)$/gm)];
  const before = reports().length;
  process.kill(exporter.pid, 'SIGUSR2');
  await until(() => reports().length > before, 'the exporter reports no heap');
  return {
    fileDescriptors,
    programs: (await Promise.all(targets.containers.map(async (of) => programsIn(of.getId())))).flat(),
    heapBytes: Number(reports().at(-1)?.[1]),
  };
}

/** How many there are once the number stays: the connections of the last answers close, and what waited for them goes. */
async function settledFileDescriptors(pid: number): Promise<number> {
  const counts: number[] = [];
  await until(async () => {
    await sleep(100);
    counts.push(readdirSync(`/proc/${pid}/fd`).length);
    return new Set(counts.slice(-10)).size === 1 && counts.length >= 10;
  }, 'the number of file descriptors never stays');
  return counts.at(-1) ?? NaN;
}

describe.each(['exec', 'http'] as const)('200 scrapes in a row, in %s mode', (mode) => {
  it('leave no more behind than 50', async () => {
    const metricsLabel = uniqueLabel();
    const body = Array.from({ length: 100 }, (_, i) => `steady_total{path="/${i}"} ${i}\n`).join('');
    await using targets = await startTargets([
      { metricsLabel, ecsName: 'well', serves: { body } },
      { metricsLabel, ecsName: 'broken', serves: { status: 500 } },
      { metricsLabel, ecsName: 'cut', serves: { body, missingBytes: 10 } },
    ]);
    await using exporter = await startExporter({
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: mode,
      NODE_OPTIONS: `--import=${HEAP_REPORT}`,
      TARGET_TIMEOUT: '20s',
    });
    const scrapeTimes = async (times: number) => {
      for (let i = 0; i < times; i++) {
        const { text } = await scrape(`${exporter.url}/metrics`, 20);
        expect(samples(text, 'steady_total{container_name="well"')).toHaveLength(100);
      }
    };
    await scrapeTimes(50);
    const after50 = await usageOf(exporter, targets);
    await scrapeTimes(150);
    const after200 = await usageOf(exporter, targets);
    expect(after200.fileDescriptors).toBe(after50.fileDescriptors);
    expect(after200.programs).toEqual(after50.programs);
    expect(after200.heapBytes - after50.heapBytes).toBeLessThan(2 * MEBIBYTE);
  });
});

describe('bodies that are too large together', () => {
  it('are refused one by one, and the others come', async () => {
    const metricsLabel = uniqueLabel();
    const large = (ecsName: string, mebibytes: number): TargetContainer => {
      const comment = `# ${'x'.repeat(1021)}\n`;
      const serves = { body: comment, repeats: mebibytes * 1024 };
      return { metricsLabel, ecsName, serves };
    };
    await using targets = await startTargets([
      large('too-large', 17),
      ...Array.from({ length: 6 }, (_, i) => large(`large-${i}`, 12)),
      { metricsLabel, ecsName: 'small', serves: { body: 'small_total 7\n' } },
    ]);
    await using exporter = await startExporter({
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: 'http',
      SCRAPE_BODY_SIZE_LIMIT: '32MiB',
      TARGET_TIMEOUT: '20s',
    });
    const { status, text } = await scrape(`${exporter.url}/metrics`, 25);
    expect(status).toBe(200);
    checkExposition(text);
    expect(samples(text, 'small_total')).toEqual(['small_total{container_name="small"} 7']);
    expect(problemOf(text, 'too-large')).toBe('too_large');
    const reasons = targets.containers.slice(1, 7).map((_, i) => problemOf(text, `large-${i}`));
    const up = reasons.filter((reason) => reason === undefined);
    expect(new Set(reasons)).toEqual(new Set([undefined, 'over_budget']));
    expect(up.length).toBeGreaterThanOrEqual(1);
    expect(targetUp(text, 'small')).toBe(1);
  });
});
