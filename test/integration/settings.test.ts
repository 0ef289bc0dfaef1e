import { requestsOf } from '../support/container-state.ts';
import { startTargets, uniqueLabel, type TargetContainer, type TargetGroup } from '../support/containers.ts';
import { startExporter, type RunningProgram } from '../support/program.ts';
import { checkExposition, problemOf, samples, scrape, targetUp } from '../support/scrape.ts';

interface ActiveTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly fetchMode: string;
  readonly fetchedBy: string | null;
  readonly warnings: readonly string[];
}

const FOUR_SAMPLES = ['a', 'b', 'c', 'd'].map((of) => `counted{of="${of}"} 1\n`).join('');

/** Each shows what one setting or label does. */
function shows(label: string): readonly TargetContainer[] {
  const local = (body: string): Required<TargetContainer>['serves'] => [
    { host: '127.0.0.1', routes: { '/metrics': { body } } },
  ];
  return [
    { ecsName: 'reachable', serves: { body: 'reached 1\n' } },
    { ecsName: 'local', serves: local('reached 2\n') },
    { ecsName: 'by-exec', labels: { [`${label}.fetch-mode`]: 'exec' }, serves: { body: 'reached 3\n' } },
    { ecsName: 'by-http', labels: { [`${label}.fetch-mode`]: 'http' }, serves: local('reached 4\n') },
    { ecsName: 'hasty', labels: { [`${label}.timeout`]: '200ms' }, serves: { delayMs: 14_000 } },
    { ecsName: 'patient', labels: { [`${label}.timeout`]: '30s' }, serves: { delayMs: 14_000 } },
    { ecsName: 'impatient', serves: { delayMs: 14_000 } },
    { ecsName: 'many', serves: { body: FOUR_SAMPLES } },
    { ecsName: 'any-number', labels: { [`${label}.sample-limit`]: '0' }, serves: { body: FOUR_SAMPLES } },
    { ecsName: 'honored', serves: { body: 'honored{container_name="its own"} 1\n' } },
    { ecsName: 'misspelt', labels: { [`${label}.timout`]: '1s' } },
    {
      ecsName: 'several',
      endpoints: '9100/a, 9101/b?x=1 ,9101/b?x=2,9100/a',
      serves: [
        { routes: { '/a': { body: 'part 1\n' } } },
        { port: 9101, routes: { '/b?x=1': { body: 'part 2\n' }, '/b?x=2': { body: 'part 3\n' } } },
      ],
    },
  ];
}

describe('settings and labels, from the environment to the answer', () => {
  const metricsLabel = uniqueLabel();
  const TIMEOUT_SECONDS = 40;
  let targets: TargetGroup;
  let exporter: RunningProgram;
  let text: string;
  let active: readonly ActiveTarget[];

  beforeAll(async () => {
    targets = await startTargets(shows(metricsLabel).map((target) => ({ metricsLabel, ...target })));
    exporter = await startExporter({
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: 'auto',
      TARGET_TIMEOUT: '10s',
      TARGET_SAMPLE_LIMIT: '3',
      REUSE_WITHIN: '10m',
      IDENTITY_LABELS: 'container_name,docker_name',
      HONOR_LABELS: 'true',
      EXPOSITION_FORMAT: 'text',
    });
    ({ text } = await scrape(`${exporter.url}/metrics`, TIMEOUT_SECONDS));
    const response = await fetch(`${exporter.url}/api/v1/targets`);
    ({ activeTargets: active } = (
      (await response.json()) as { data: { activeTargets: ActiveTarget[] } }
    ).data);
  });

  afterAll(async () => {
    for (const started of [exporter, targets] as (AsyncDisposable | undefined)[])
      await started?.[Symbol.asyncDispose]();
  });

  const activeOf = (name: string): ActiveTarget =>
    active.find(({ labels }) => labels['container_name'] === name)!;

  it('is valid', () => checkExposition(text));

  it.each([
    ['reachable', 'auto', 'http'],
    ['local', 'auto', 'exec'],
    ['by-exec', 'exec', 'exec'],
  ])('%s: mode %s, fetched by %s', (name, fetchMode, fetchedBy) => {
    expect(targetUp(text, name)).toBe(1);
    expect(activeOf(name)).toMatchObject({ fetchMode, fetchedBy });
    expect(samples(text, `reached{container_name="${name}"`)).toHaveLength(1);
  });

  it.each([
    ['by-http', 'connection_failed'],
    ['hasty', 'timeout'],
    ['impatient', 'timeout'],
    ['many', 'too_many_samples'],
  ])('%s: %s', (name, reason) => expect(problemOf(text, name)).toBe(reason));

  it.each(['patient', 'any-number', 'misspelt'])("%s: up, by its own label's leave", (name) => {
    expect([problemOf(text, name), targetUp(text, name)]).toEqual([undefined, 1]);
  });

  it('a label that is unknown is shown, and logged once', () => {
    const said = expect.stringContaining(`${metricsLabel}.timout is unknown`) as string;
    expect(activeOf('misspelt').warnings).toEqual([said]);
    expect(exporter.log().split(`${metricsLabel}.timout is unknown`)).toHaveLength(2);
  });

  it('several endpoints: each once, told apart, with both identity labels', () => {
    const parts = samples(text, 'part{container_name="several"').map((line) =>
      line.replace(/docker_name="[^"]+"/, 'docker_name="…"').replace(/~[0-9a-f]{8}"/, '~#"'),
    );
    const part = (endpoint: string, value: number): string =>
      `part{container_name="several",docker_name="…",metrics_endpoint="${endpoint}"} ${value}`;
    expect(parts).toEqual([part('9100/a', 1), part('9101/b~#', 2), part('9101/b~#', 3)]);
  });

  it('HONOR_LABELS: the label of the program stays', () => {
    expect(samples(text, 'honored')).toEqual([
      expect.stringMatching(/^honored\{docker_name="[^"]+",container_name="its own"\} 1$/),
    ]);
  });

  it('EXPOSITION_FORMAT=text: not even who prefers OpenMetrics gets it', async () => {
    const headers = { accept: 'application/openmetrics-text;version=1.0.0' };
    const { headers: answered } = await fetch(`${exporter.url}/metrics?container_name=reachable`, {
      headers,
    });
    expect(answered.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('REUSE_WITHIN: what was fetched is served again, to a filtered scrape, too; a failure is not', async () => {
    const again = await scrape(
      `${exporter.url}/metrics?container_name=reachable&container_name=by-http`,
      TIMEOUT_SECONDS,
    );
    expect(samples(again.text, 'reached')).toEqual(samples(text, 'reached{container_name="reachable"'));
    const reachable = shows(metricsLabel).findIndex(({ ecsName }) => ecsName === 'reachable');
    expect(await requestsOf(targets.containers[reachable]!, '/metrics')).toBe(1);
    const [failures] = samples(
      again.text,
      'ecs_service_metrics_exporter_target_failures_total{container_name="by-http"',
    );
    expect(failures).toMatch(/ 2$/);
  });
});
