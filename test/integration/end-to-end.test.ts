import Docker from 'dockerode';
import { pause, untilLogged } from '../support/container-state.ts';
import {
  logOf,
  startTarget,
  startTargets,
  uniqueLabel,
  type TargetContainer,
  type TargetGroup,
} from '../support/containers.ts';
import { untilAlone } from '../support/docker/real-engine.ts';
import { startExporter } from '../support/program.ts';
import { checkExposition, problemOf, samples, scrape, targetUp, type Scrape } from '../support/scrape.ts';

const MODES = ['exec', 'http'] as const;
const OWN_PREFIX = 'ecs_service_metrics_exporter_';

function exposition(name: string): string {
  const family = `${name.replaceAll('-', '_')}_requests_total`;
  return `# HELP ${family} Requests.\n# TYPE ${family} counter\n${family}{code="200"} 1027 1395066363000\n${family}{code="500"} 3\n`;
}

/** The target's samples are those of `exposition`, and no problem of it is told. */
function expectSamples(text: string, name: string): void {
  const family = `${name.replaceAll('-', '_')}_requests_total`;
  const problems = samples(text, `${OWN_PREFIX}target_problem{container_name="${name}"`);
  expect({ problems, samples: samples(text, family) }).toEqual({
    problems: [],
    samples: [
      `${family}{container_name="${name}",code="200"} 1027 1395066363000`,
      `${family}{container_name="${name}",code="500"} 3`,
    ],
  });
}

function healthy(ecsName: string, more: TargetContainer = {}): TargetContainer {
  return { ecsName, serves: { body: exposition(ecsName) }, ...more };
}

/** One target of each kind. */
const ZOO: readonly TargetContainer[] = [
  healthy('with-curl'),
  healthy('with-wget', { image: 'wget' }),
  healthy('with-gnu-wget', { image: 'gnuwget' }),
  healthy('without-client', { image: 'bare' }),
  healthy('unlabelled', { endpoints: null }),
  healthy('on-another-path', {
    endpoints: '9101/admin/metrics?format=text',
    serves: [
      { port: 9101, routes: { '/admin/metrics?format=text': { body: exposition('on-another-path') } } },
    ],
  }),
  { ecsName: 'broken', serves: { status: 500, body: 'broken_total 1\n' } },
  { ecsName: 'page', serves: { body: '<html></html>', contentType: 'text/html' } },
  { ecsName: 'empty', serves: { body: '' } },
  { ecsName: 'truncated', serves: { body: 'truncated_total 1\n', missingBytes: 5 } },
  { ecsName: 'hanging', serves: { hangs: 'before-headers' } },
  { ecsName: 'hanging-in-body', serves: { body: 'hanging_total 1\n', hangs: 'in-body', missingBytes: 5 } },
  { ecsName: 'twin', serves: { body: 'twin_total 1\n' } },
  { ecsName: 'twin', serves: { body: 'twin_total 2\n' } },
  { ecsName: 'paused', serves: { body: 'paused_total 1\n' } },
  {
    ecsName: 'elsewhere',
    endpoints: '9100@127.0.0.2/x',
    serves: [{ routes: { '*': {} } }, { host: '127.0.0.2', port: 80, routes: { '*': {} } }],
  },
];

describe('a host with targets of every kind', () => {
  const metricsLabel = uniqueLabel();
  const SCRAPE_TIMEOUT_SECONDS = 20;
  const scrapes = new Map<string, Scrape>();
  let targets: TargetGroup;

  beforeAll(async () => {
    targets = await startTargets(ZOO.map((target) => ({ metricsLabel, ...target })));
    const paused = ZOO.findIndex(({ ecsName }) => ecsName === 'paused');
    const docker = new Docker();
    const container = docker.getContainer(targets.containers[paused]!.getId());
    await pause(container);
    try {
      await Promise.all(
        MODES.map(async (mode) => {
          const settings = {
            DOCKER_LABEL_HAS_METRICS: metricsLabel,
            FETCH_MODE: mode,
            // What hangs ends with the budget; the rest is for a machine that is slow to merge and to answer.
            TARGET_TIMEOUT: '30s',
            SCRAPE_TIMEOUT_OFFSET: '5s',
          };
          await using exporter = await startExporter(settings);
          scrapes.set(mode, await scrape(`${exporter.url}/metrics`, SCRAPE_TIMEOUT_SECONDS));
        }),
      );
    } finally {
      await container.unpause();
    }
  });

  afterAll(async () => targets[Symbol.asyncDispose]());

  describe.each(MODES)('in %s mode', (mode) => {
    const text = () => scrapes.get(mode)!.text;

    it('answers in time, in valid text', () => {
      expect(scrapes.get(mode)!.status).toBe(200);
      expect(scrapes.get(mode)!.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(scrapes.get(mode)!.durationMs).toBeLessThan(SCRAPE_TIMEOUT_SECONDS * 1000);
      checkExposition(text());
    });

    it.each(['with-curl', 'with-wget', 'with-gnu-wget', 'on-another-path'])(
      'has the samples of %s',
      (name) => {
        expectSamples(text(), name);
        expect(targetUp(text(), name)).toBe(1);
      },
    );

    it.each(['broken', 'page', 'truncated', 'hanging', 'hanging-in-body', 'paused'])(
      'reports %s as down, without a sample of it',
      (name) => {
        expect(targetUp(text(), name)).toBe(0);
        const ofItself = samples(text()).filter((line) => !line.startsWith(OWN_PREFIX));
        expect(ofItself.filter((line) => line.includes(`container_name="${name}"`))).toEqual([]);
      },
    );

    it('takes no samples for an answer', () => expect(targetUp(text(), 'empty')).toBe(1));

    it('knows nothing of a container without the label', () => expect(text()).not.toContain('unlabelled'));

    it('has both containers of one name, told apart', () => {
      const lines = samples(text(), 'twin_total{container_name="twin"');
      expect(lines.map((line) => line.slice(-2)).sort()).toEqual([' 1', ' 2']);
      expect(lines.filter((line) => /container_id="[0-9a-f]{12}"/.test(line))).toHaveLength(1);
    });

    it('never fetches a label that names a host', async () => {
      expect(targetUp(text(), 'elsewhere')).toBeUndefined();
      const [invalid] = samples(text(), `${OWN_PREFIX}targets{state="invalid"`);
      expect(invalid).toMatch(/ 1$/);
      const index = ZOO.findIndex(({ ecsName }) => ecsName === 'elsewhere');
      expect(await logOf(targets.containers[index]!)).not.toContain('connection');
    });
  });

  it('has the same samples in both modes', () => {
    const ofTargets = (text: string) =>
      samples(text)
        .filter(
          (line) =>
            !line.startsWith(OWN_PREFIX) && !line.includes('container_name="ecs-service-metrics-exporter"'),
        )
        .filter((line) => !line.includes('without-client'));
    const [exec, http] = MODES.map((mode) => ofTargets(scrapes.get(mode)!.text));
    expect(exec!.length).toBeGreaterThan(8);
    expect(exec).toEqual(http);
  });

  it('reaches an image without a client by http alone, and says so', () => {
    expectSamples(scrapes.get('http')!.text, 'without-client');
    expect(targetUp(scrapes.get('exec')!.text, 'without-client')).toBe(0);
    const problem = samples(
      scrapes.get('exec')!.text,
      `${OWN_PREFIX}target_problem{container_name="without-client"`,
    );
    expect(problem).toEqual([expect.stringContaining('reason="no_client"')]);
  });
});

describe.each(MODES)('in %s mode', (mode) => {
  function settingsFor(metricsLabel: string): Record<string, string> {
    return { DOCKER_LABEL_HAS_METRICS: metricsLabel, FETCH_MODE: mode, TARGET_TIMEOUT: '60s' };
  }

  it('serves the others when one dies during the scrape', async () => {
    const metricsLabel = uniqueLabel();
    await using others = await startTargets([healthy('survivor', { metricsLabel })]);
    const slow = { body: exposition('dying'), delayMs: 120_000 };
    const dying = await startTarget({ ecsName: 'dying', metricsLabel, serves: slow });
    await using exporter = await startExporter(settingsFor(metricsLabel));
    const answer = scrape(`${exporter.url}/metrics`, 60);
    await untilLogged(dying, 'request 9100');
    await dying.stop();
    const { status, text } = await answer;
    expect(status).toBe(200);
    checkExposition(text);
    expectSamples(text, 'survivor');
    expect(targetUp(text, 'dying')).toBe(0);
    expect(problemOf(text, 'dying')).not.toBe('timeout');
    expect(others.containers).toHaveLength(1);
  });

  it('completes the scrape in flight on SIGTERM and leaves nothing running', async () => {
    const metricsLabel = uniqueLabel();
    const slow: TargetContainer = {
      metricsLabel,
      ecsName: 'slow',
      serves: { body: exposition('slow'), delayMs: 1500 },
    };
    await using targets = await startTargets([slow, healthy('quick', { metricsLabel })]);
    await using exporter = await startExporter(settingsFor(metricsLabel));
    const answer = scrape(`${exporter.url}/metrics`, 60);
    await untilLogged(targets.containers[0]!, 'request 9100');
    const exit = exporter.stop('SIGTERM');
    const { text } = await answer;
    expectSamples(text, 'slow');
    expectSamples(text, 'quick');
    expect(await exit).toBe(0);
    for (const container of targets.containers) await untilAlone(container.getId(), 1000);
  });
});

describe('twelve healthy targets beside nine that hang', () => {
  const metricsLabel = uniqueLabel();
  const names = Array.from({ length: 12 }, (_, index) => `healthy-${index}`);
  const hangs = Array.from({ length: 9 }, (_, index) => `hanging-${index}`);
  let targets: TargetGroup;

  beforeAll(async () => {
    targets = await startTargets([
      ...hangs.map((ecsName): TargetContainer => ({
        metricsLabel,
        ecsName,
        serves: { hangs: 'before-headers' },
      })),
      ...names.map((name) => healthy(name, { metricsLabel })),
    ]);
  });

  afterAll(async () => targets[Symbol.asyncDispose]());

  it.each([
    // Without a limit of its own a place that a hung target held would be free too late for the others.
    ['exec', '60s'],
    ['http', '3s'],
  ])('all arrive in %s mode', async (mode, targetTimeout) => {
    const settings = {
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: mode,
      TARGET_TIMEOUT: targetTimeout,
      SCRAPE_TIMEOUT_OFFSET: '3s',
    };
    await using exporter = await startExporter(settings);
    // The first scrape doesn't know yet which of them hang.
    for (let round = 0; round < 2; round++) {
      const { text, durationMs } = await scrape(`${exporter.url}/metrics`, 30);
      expect(durationMs).toBeLessThan(30_000);
      checkExposition(text);
      for (const name of names) expectSamples(text, name);
      for (const name of hangs) expect(targetUp(text, name)).toBe(0);
    }
  });
});
