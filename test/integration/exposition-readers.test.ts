import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { mixedTargets } from '../support/exposition/mixed-targets.ts';
import { startExporter, type RunningProgram } from '../support/program.ts';
import { startPrometheus, type RunningPrometheus } from '../support/prometheus.ts';
import { readWithPython } from '../support/python-reader.ts';
import { checkExposition, samples } from '../support/scrape.ts';
import { until } from '../support/until.ts';

type Syntax = 'text' | 'openmetrics';

const SYNTAXES: readonly Syntax[] = ['text', 'openmetrics'];
const CONTENT_TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};
// Prometheus 2.42.
const ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const TARGETS = mixedTargets(Date.now());
const NAMES = Object.keys(TARGETS);
/** What Prometheus adds to a job. */
const OF_PROMETHEUS = 'up|scrape_.+';
const SCRAPED = 'scrape_samples_(scraped|post_metric_relabeling)';
const MIN_SCRAPES = 2;

const folder = mkdtempSync(join(tmpdir(), 'exposition-readers-'));
const started: AsyncDisposable[] = [];
const exporters = {} as Record<Syntax, RunningProgram>;
const served = {} as Record<Syntax, string>;
let targets: Server;
let prometheus: RunningPrometheus;

beforeAll(async () => {
  targets = createServer((request, response) => {
    const target = TARGETS[request.url?.slice(1) ?? ''];
    response.writeHead(target === undefined ? 404 : 200, { 'content-type': target?.contentType ?? '' });
    response.end(target?.body);
  }).listen(0, '127.0.0.1');
  await once(targets, 'listening');
  const address = `127.0.0.1:${(targets.address() as AddressInfo).port}`;
  const groups = NAMES.map((name) => ({
    targets: [address],
    labels: { container_name: name, __metrics_path__: `/${name}` },
  }));
  const file = join(folder, 'targets.yml');
  writeFileSync(file, stringify(groups));
  const settings = { DISCOVERY: 'file', DISCOVERY_FILES: file };
  await Promise.all(
    SYNTAXES.map(async (syntax) => {
      const format = syntax === 'text' ? 'text' : 'auto';
      exporters[syntax] = await startExporter({ ...settings, EXPOSITION_FORMAT: format });
      started.push(exporters[syntax]);
    }),
  );
  const jobs = SYNTAXES.map(
    (syntax) => `
  - job_name: ${syntax}
    static_configs: [{ targets: ['${new URL(exporters[syntax].url).host}'] }]`,
  ).join('');
  prometheus = await startPrometheus({
    'prometheus.yml': `
global: { scrape_interval: 5s, scrape_timeout: 5s }
scrape_configs:${jobs}
`,
  });
  started.push(prometheus);
  for (const syntax of SYNTAXES) {
    const answer = await fetch(`${exporters[syntax].url}/metrics`, { headers: { accept: ACCEPT } });
    expect(answer.headers.get('content-type')).toBe(CONTENT_TYPES[syntax]);
    served[syntax] = await answer.text();
  }
});

afterAll(async () => {
  await Promise.all(started.map(async (one) => one[Symbol.asyncDispose]()));
  targets.closeAllConnections();
  targets.close();
  rmSync(folder, { recursive: true });
});

/** The series of the targets, their values and labels in one order; a number is compared, not how it is written. */
function comparable(
  series: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: string }[],
): string[] {
  const ours = series.filter(({ labels }) => NAMES.includes(labels['container_name'] ?? ''));
  return ours
    .map(({ labels, value }) => {
      const present = Object.entries(labels).filter(
        ([name, text]) => !['instance', 'job'].includes(name) && text !== '',
      );
      return `${JSON.stringify(present.sort())} ${Number(value.replace('Inf', 'Infinity'))}`;
    })
    .filter((line) => !line.includes('"ecs_service_metrics_exporter_'))
    .sort();
}

describe('the merged exposition of targets of both formats', () => {
  it('has every target but the broken one', () => {
    for (const syntax of SYNTAXES) {
      const up = samples(served[syntax], 'ecs_service_metrics_exporter_target_up{').sort();
      const expected = NAMES.map((name) => `{container_name="${name}"} ${name === 'text-broken' ? 0 : 1}`);
      expect(up).toEqual(expected.map((rest) => `ecs_service_metrics_exporter_target_up${rest}`).sort());
    }
  });

  it('is taken by promtool in text', () => {
    expect(() => checkExposition(served.text)).not.toThrow();
  });

  it.each(SYNTAXES)("is read by Python's parser in %s, each line as one sample", (syntax) => {
    const read = readWithPython(served[syntax], syntax);
    expect(read).toHaveLength(samples(served[syntax]).length);
    expect(read.filter(({ hasExemplar }) => hasExemplar)).toHaveLength(syntax === 'text' ? 0 : 3);
  });

  it.each(SYNTAXES)('is stored whole by Prometheus in %s', async (syntax) => {
    const count = async (expression: string): Promise<number> =>
      Number((await prometheus.query(expression))[0]?.value[1] ?? 0);
    await until(
      async () => (await count(`count_over_time(up{job="${syntax}"}[1m])`)) >= MIN_SCRAPES,
      'Prometheus does not scrape',
      30_000,
    );
    // All three at one instant: our own series may be more in the next scrape.
    const counts = await prometheus.query(`
      label_replace(count({job="${syntax}",__name__!~"${OF_PROMETHEUS}"}), "what", "stored", "", "") or
      label_replace({job="${syntax}",__name__=~"${SCRAPED}"}, "what", "$1", "__name__", "(.+)")`);
    const numbers = counts.map(({ value }) => value[1]);
    expect(numbers).toEqual([numbers[0], numbers[0], numbers[0]]);
    expect(await count(`min_over_time(up{job="${syntax}"}[1m])`)).toBe(1);

    const stored = (await prometheus.query(`{job="${syntax}",__name__!~"${OF_PROMETHEUS}"}`)).map(
      ({ metric, value }) => ({ labels: metric, value: value[1] }),
    );
    const read = readWithPython(served[syntax], syntax).map(({ name, labels, value }) => ({
      labels: { ...labels, __name__: name },
      value,
    }));
    expect(comparable(stored)).toEqual(comparable(read));
    expect(comparable(stored).length).toBeGreaterThan(35);
  });

  it('has no sample that Prometheus calls a duplicate, out of order or out of bounds', async () => {
    const own = await (await fetch(`${prometheus.url}/metrics`)).text();
    const refused = samples(own).filter((line) => line.startsWith('prometheus_target_scrapes_sample_'));
    expect(refused.map((line) => line.replace(/^prometheus_target_scrapes_sample_/, '')).sort()).toEqual([
      'duplicate_timestamp_total 0',
      'out_of_bounds_total 0',
      'out_of_order_total 0',
    ]);
    expect(prometheus.log()).not.toMatch(/duplicate|out.of.order|out.of.bounds|append failed/i);
  });
});
