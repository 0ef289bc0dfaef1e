import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { pause, programsIn, untilLogged } from '../support/container-state.ts';
import {
  logOf,
  startTargets,
  uniqueLabel,
  type TargetContainer,
  type TargetGroup,
} from '../support/containers.ts';
import { startExporter } from '../support/program.ts';
import { RawServer, serving } from '../support/raw-server.ts';
import { checkExposition, problemOf, samples, scrape, targetUp, type Scrape } from '../support/scrape.ts';
import { until } from '../support/until.ts';

const MODES = ['exec', 'http'] as const;
const docker = new Docker();

type Container = TargetGroup['containers'][number];

function healthy(name: string, more: TargetContainer = {}): TargetContainer {
  return { ecsName: name, serves: { body: `healthy_total{of="${name}"} 7\n` }, ...more };
}

function hasItsSamples(text: string, name: string): boolean {
  return samples(text).includes(`healthy_total{container_name="${name}",of="${name}"} 7`);
}

describe('targets that misbehave', () => {
  const CANARY_HOST = '127.0.0.2';
  const BODY = 'fault_total 1027\n';
  const TIMEOUT_SECONDS = 25;
  const metricsLabel = uniqueLabel();
  const scrapes = new Map<string, Scrape>();
  let canary: RawServer;
  let targets: TargetGroup;

  const faults = (
    location: string,
    canaryPort: number,
  ): Record<string, Required<TargetContainer>['serves']> => ({
    'hangs-before-headers': { hangs: 'before-headers' },
    drips: { body: BODY.repeat(10), dripMs: 1000 },
    'sends-a-gigabyte': { body: 'fault_total 1\n', repeats: 2 ** 30 / 14, chunked: true },
    'announces-a-gigabyte': { body: 'fault_total 1\n', repeats: 2 ** 30 / 14 },
    'closes-early': { body: BODY, missingBytes: 1000 },
    'promises-too-little': { body: BODY, missingBytes: -3 },
    'gzip-bomb': { body: 'fault_total 1\n', gzippedRepeats: 5_000_000 },
    redirects: [
      { routes: { '/metrics': { status: 302, headers: { location } } } },
      { host: CANARY_HOST, port: canaryPort, routes: { '*': {} } },
    ],
  });

  const REASONS: Readonly<Record<(typeof MODES)[number], Readonly<Record<string, string>>>> = {
    exec: {
      'hangs-before-headers': 'timeout',
      drips: 'timeout',
      'sends-a-gigabyte': 'too_large',
      'announces-a-gigabyte': 'too_large',
      'closes-early': 'truncated',
      // curl isn't told to decompress: what arrives is no text.
      'gzip-bomb': 'malformed',
      redirects: 'redirect',
    },
    http: {
      'hangs-before-headers': 'timeout',
      drips: 'timeout',
      'sends-a-gigabyte': 'too_large',
      'announces-a-gigabyte': 'too_large',
      'closes-early': 'truncated',
      'gzip-bomb': 'too_large',
      redirects: 'redirect',
    },
  };

  beforeAll(async () => {
    canary = await RawServer.start(serving('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), CANARY_HOST);
    const made = faults(`http://${CANARY_HOST}:${canary.port}/metrics`, canary.port);
    targets = await startTargets([
      healthy('well', { metricsLabel }),
      ...Object.entries(made).map(([ecsName, serves]): TargetContainer => ({
        metricsLabel,
        ecsName,
        serves,
      })),
    ]);
    // One after the other, and with time to spare behind the budget: the flood alone takes a core.
    for (const mode of MODES) {
      await using exporter = await startExporter({
        DOCKER_LABEL_HAS_METRICS: metricsLabel,
        FETCH_MODE: mode,
        TARGET_TIMEOUT: '15s',
        SCRAPE_TIMEOUT_OFFSET: '8s',
      });
      scrapes.set(mode, await scrape(`${exporter.url}/metrics`, TIMEOUT_SECONDS));
    }
  });

  afterAll(async () => {
    await canary[Symbol.asyncDispose]();
    await targets[Symbol.asyncDispose]();
  });

  describe.each(MODES)('in %s mode', (mode) => {
    it('harm no other target and no deadline', () => {
      const { status, text, durationMs } = scrapes.get(mode)!;
      expect(status).toBe(200);
      expect(durationMs).toBeLessThan(TIMEOUT_SECONDS * 1000);
      checkExposition(text);
      expect(hasItsSamples(text, 'well')).toBe(true);
    });

    it.each(Object.entries(REASONS[mode]))('%s: %s', (name, reason) => {
      const { text } = scrapes.get(mode)!;
      expect(problemOf(text, name)).toBe(reason);
      expect(targetUp(text, name)).toBe(0);
      expect(samples(text, `fault_total{container_name="${name}"`)).toEqual([]);
    });
  });

  it('lead nobody to another address', async () => {
    expect(canary.connections).toBe(0);
    const log = await logOf(targets.containers.at(-1)!);
    expect(log).toContain('connection 9100');
    expect(log).not.toContain(`connection ${canary.port}`);
  });
});

describe.each(MODES)('containers that change during their fetch, in %s mode', (mode) => {
  it('go down alone, and come back', async () => {
    const metricsLabel = uniqueLabel();
    const names = ['killed', 'paused', 'restarted', 'removed'] as const;
    const slow = { body: 'slow_total 1\n', delayMs: 6000 };
    await using targets = await startTargets([
      healthy('well', { metricsLabel }),
      ...names.map((ecsName): TargetContainer => ({ metricsLabel, ecsName, serves: slow })),
    ]);
    const [, killed, paused, restarted, removed] = targets.containers as [
      Container,
      ...[Container, Container, Container, Container],
    ];
    const container = (of: Container) => docker.getContainer(of.getId());
    await using exporter = await startExporter({
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: mode,
      TARGET_TIMEOUT: '12s',
    });

    const answer = scrape(`${exporter.url}/metrics`, 30);
    await Promise.all(targets.containers.slice(1).map((of) => untilLogged(of, 'request 9100')));
    await Promise.all([
      container(killed).kill(),
      pause(container(paused)),
      container(restarted).restart({ t: 0 }),
      container(removed).remove({ force: true }),
    ]);
    const { status, text, durationMs } = await answer;
    expect(status).toBe(200);
    expect(durationMs).toBeLessThan(30_000);
    checkExposition(text);
    expect(hasItsSamples(text, 'well')).toBe(true);
    expect(names.map((name) => targetUp(text, name))).toEqual([0, 0, 0, 0]);

    await container(paused).unpause();
    await untilLogged(restarted, 'target is ready', 2);
    const next = await scrape(`${exporter.url}/metrics`, 30);
    expect(names.map((name) => problemOf(next.text, name))).toEqual(names.map(() => undefined));
    expect(names.map((name) => targetUp(next.text, name))).toEqual([undefined, 1, 1, undefined]);
    expect(hasItsSamples(next.text, 'well')).toBe(true);
  });
});

describe('SIGKILL', () => {
  const TARGET_TIMEOUT_SECONDS = 20;
  const CASES = [
    { client: 'curl', session: 'on', image: 'node' },
    { client: 'curl', session: 'off', image: 'node' },
    { client: 'wget', session: 'on', image: 'wget' },
  ] as const;

  async function leftBehind({ client, session, image }: (typeof CASES)[number]): Promise<string> {
    const metricsLabel = uniqueLabel();
    await using targets = await startTargets([
      healthy('quick', { metricsLabel, image }),
      { metricsLabel, image, ecsName: 'hung', serves: { hangs: 'before-headers' } },
    ]);
    const [quick, hung] = targets.containers as [Container, Container];
    const isClean = async (of: Container) => (await programsIn(of.getId())).join() === 'node';
    await using exporter = await startExporter({
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      EXEC_SESSION: session,
      TARGET_TIMEOUT: `${TARGET_TIMEOUT_SECONDS}s`,
    });
    const answer = scrape(`${exporter.url}/metrics`, 60).catch(() => 'cut');
    await untilLogged(hung, 'request 9100');
    const latestEndMs = performance.now() + TARGET_TIMEOUT_SECONDS * 1000;
    await untilAnswered(quick);
    const before = [await programsIn(hung.getId()), await programsIn(quick.getId())].flat();
    if (!before.includes(client)) return 'nothing was in flight';
    if (before.includes('sh') !== (session === 'on'))
      return `there was another kind of exec: ${before.join()}`;
    await exporter.stop('SIGKILL');
    if ((await answer) !== 'cut') return 'the scrape had ended';
    await until(async () => isClean(quick), 'left where nothing was in flight', 1500);
    await until(
      async () => isClean(hung),
      'left after its --max-time + 1 s',
      latestEndMs + 1000 - performance.now(),
    );
    return 'nothing';
  }

  it('leaves nothing of ours in any container once the request in flight has had its time', async () => {
    const left = await Promise.all(CASES.map(leftBehind));
    expect(left).toEqual(CASES.map(() => 'nothing'));
  });
});

/** The server has answered; the client that asked it has ended. */
async function untilAnswered(target: Container): Promise<void> {
  await untilLogged(target, 'request 9100');
  const isDone = async () => {
    const programs = await programsIn(target.getId());
    return !programs.includes('curl') && !programs.includes('wget');
  };
  await until(isDone, 'the client in the container never ends');
  await sleep(100);
}

describe('a labelled exporter that scrapes itself', () => {
  const ANYWHERE = [{ port: 0, host: '127.0.0.1', routes: {} }];

  it('answers the inner request with 508', async () => {
    const metricsLabel = uniqueLabel();
    await using exporter = await startExporter({
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: 'http',
      HOST_NETWORK_ADDRESS: '127.0.0.1',
    });
    const endpoints = `${new URL(exporter.url).port}/metrics`;
    await using targets = await startTargets([
      { metricsLabel, ecsName: 'itself', endpoints, networkMode: 'host', serves: ANYWHERE },
      healthy('well', { metricsLabel }),
    ]);
    const { text } = await scrape(`${exporter.url}/metrics`, 10);
    expect(problemOf(text, 'itself')).toBe('http_status');
    expect(hasItsSamples(text, 'well')).toBe(true);
    expect(targets.containers).toHaveLength(2);
  });
});
