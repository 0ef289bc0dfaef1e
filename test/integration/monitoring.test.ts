import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTargets, uniqueLabel, type TargetGroup } from '../support/containers.ts';
import { PROJECT, readDocument } from '../support/markdown.ts';
import { startExporter, type RunningProgram } from '../support/program.ts';
import { startPrometheus, type RunningPrometheus } from '../support/prometheus.ts';
import { until } from '../support/until.ts';

interface Panel {
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly { readonly expr: string }[];
}
interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
  /** What Grafana puts in for All; without it, all values. */
  readonly allValue?: string;
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const PREFIX = 'ecs_service_metrics_exporter_';
const RULES = readdirSync(join(PROJECT, 'deploy/prometheus/rules')).filter((file) =>
  file.endsWith('.rules.yml'),
);
const dashboard = JSON.parse(readDocument('deploy/grafana/dashboard.json')) as Dashboard;
const panels = dashboard.panels.filter(({ targets }) => targets !== undefined);
const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);
const variables = dashboard.templating.list.filter(({ type }) => type === 'query');

const VALUES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(variables.map(({ name, allValue }) => [name, allValue])),
  job: 'ecs-service-metrics',
  __rate_interval: '30s',
};

/** What Grafana puts in place of its variables. */
function substituted(expression: string): string {
  return expression.replace(/\$(\w+)/g, (_match, name: string) => {
    if (VALUES[name] === undefined) throw new Error(`unknown variable $${name}`);
    return VALUES[name];
  });
}

function body(type: string): string {
  return `# TYPE shared ${type}\nshared 1\nrequests_total{code="200"} 3\n`;
}

describe('what a real Prometheus has of the exporter', () => {
  const label = uniqueLabel();
  let targets: TargetGroup;
  let exporter: RunningProgram;
  let prometheus: RunningPrometheus;

  beforeAll(async () => {
    targets = await startTargets(
      [
        { ecsName: 'checkout', serves: { body: body('counter') } },
        { ecsName: 'search', serves: { body: body('gauge') } },
        { ecsName: 'broken', serves: { status: 500 } },
        { ecsName: 'mislabelled', endpoints: '9100@example/x' },
      ].map((target) => ({ metricsLabel: label, ...target })),
    );
    exporter = await startExporter({ DOCKER_LABEL_HAS_METRICS: label });
    prometheus = await startPrometheus({
      'prometheus.yml': `
global: { scrape_interval: 4s, scrape_timeout: 4s, evaluation_interval: 1s }
rule_files: ['rules/*.rules.yml']
scrape_configs:
  - job_name: ecs-service-metrics
    static_configs: [{ targets: ['${new URL(exporter.url).host}'] }]
  - job_name: another
    metrics_path: /targets
    static_configs: [{ targets: ['${new URL(exporter.url).host}'] }]
`,
      ...Object.fromEntries(
        RULES.map((file) => [`rules/${file}`, readDocument(`deploy/prometheus/rules/${file}`)]),
      ),
    });
    await untilScraped();
  });

  afterAll(async () => {
    for (const started of [prometheus, exporter, targets] as (AsyncDisposable | undefined)[]) {
      await started?.[Symbol.asyncDispose]();
    }
  });

  /** Twice with all targets as they should be: rates need two samples. */
  async function untilScraped(): Promise<void> {
    const twoScrapes = `count_over_time(${PREFIX}target_failures_total[30s]) >= 2`;
    const asExpected = `sum(${PREFIX}targets{state="up"}) == 2`;
    const isScraped = async (): Promise<boolean> =>
      (await prometheus.query(`count(${twoScrapes}) and ${asExpected}`)).length > 0;
    await until(isScraped, 'Prometheus never had two scrapes with all targets as they should be', 60_000);
  }

  it.each(queries)('the dashboard shows something for "%s": %s', async (_title, expression) => {
    expect(await prometheus.query(substituted(expression))).not.toEqual([]);
  });

  it.each(variables)('the dashboard finds values of $name', async ({ definition = '' }) => {
    const [, selector = '', name = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
    const series = await prometheus.query(`count by (${name}) (${substituted(selector)})`);
    expect(series.map(({ metric }) => metric[name])).not.toContain(undefined);
    expect(series).not.toEqual([]);
  });

  it('the dashboard counts no other jobs, whatever is selected', async () => {
    const job = variables.find(({ name }) => name === 'job');
    const all = await prometheus.query('count by (job) (up)');
    expect(all.map(({ metric }) => metric['job']).sort()).toEqual(['another', 'ecs-service-metrics']);
    expect(job?.allValue).toBeUndefined();
    expect(job?.definition).toBe(`label_values(${PREFIX}build_info, job)`);
    expect(await prometheus.query(`count by (job) (${PREFIX}build_info)`)).toHaveLength(1);
  });

  it('evaluates the rules without an error', async () => {
    const rules = await prometheus.rules();
    expect(rules.length).toBeGreaterThan(15);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  it('has a result of each recording rule', async () => {
    const names = (await prometheus.rules()).map(({ name }) => name).filter((name) => name.includes(':'));
    expect(names).toHaveLength(5);
    // They are evaluated each second, and a busy machine may be a while behind the scrapes.
    for (const name of names) {
      await until(async () => (await prometheus.query(name)).length > 0, `${name} has no result`, 30_000);
    }
  });

  it('has each metric of ours that rules and dashboard name', async () => {
    const texts = [...RULES.map((file) => `prometheus/rules/${file}`), 'grafana/dashboard.json'];
    const named = texts.flatMap((file) => [
      ...readDocument(`deploy/${file}`).matchAll(new RegExp(`(?<!:)\\b${PREFIX}\\w+`, 'g')),
    ]);
    const known = (await prometheus.query(`count by (__name__) ({__name__=~"${PREFIX}.*"})`)).map(
      ({ metric }) => metric['__name__'],
    );
    expect([...new Set(named.map(([name]) => name))].filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it.each([
    ['targets up', /target_up|targets\{/],
    ['failures by reason', /by \(reason\).*target_failures_total/],
    ['scrape cost', /scrape_duration_seconds/],
    ['samples per service', /by \(container_name\).*target_samples_scraped/],
    ['top talkers', /topk\(.*target_body_bytes/],
  ])('shows %s', (_what, query) => {
    expect(queries.some(([, expression]) => query.test(expression))).toBe(true);
  });

  it('has no two panels in one place', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});
