import { untilLogged } from '../support/container-state.ts';
import {
  logOf,
  startTargets,
  uniqueLabel,
  type TargetContainer,
  type TargetGroup,
} from '../support/containers.ts';
import { startExporter, startProgram, type RunningProgram } from '../support/program.ts';
import { checkExposition, samples, scrape, targetUp } from '../support/scrape.ts';

// Faults of earlier exporters. Each promise holds for ours, and doesn't for one that works as they did: so it can fail.

const metricsLabel = uniqueLabel();
let ours: RunningProgram;
let naive: RunningProgram;

async function startNaive(settings: Record<string, string> = {}): Promise<RunningProgram> {
  return startProgram('test/support/naive-exporter/main.ts', '/alive', settings);
}

beforeAll(async () => {
  const settings = {
    DOCKER_LABEL_HAS_METRICS: metricsLabel,
    LOG_LEVEL: 'debug',
    TARGET_TIMEOUT: '20s',
    SCRAPE_TIMEOUT_OFFSET: '2s',
  };
  [ours, naive] = await Promise.all([startExporter(settings), startNaive(settings)]);
});

afterAll(async () => {
  await Promise.all([ours[Symbol.asyncDispose](), naive[Symbol.asyncDispose]()]);
});

type Promised = (exporter: RunningProgram, targets: TargetGroup) => Promise<void>;

async function provesWith(targets: readonly TargetContainer[], promised: Promised): Promise<void> {
  await using group = await startTargets(targets.map((target) => ({ metricsLabel, ...target })));
  await promised(ours, group);
  await expect(promised(naive, group)).rejects.toThrow();
}

/** Promises about the merged text, whatever else holds: it is valid, and the healthy target's samples are there. */
function inMetrics(check: (text: string) => void): Promised {
  return async ({ url }) => {
    const { status, text } = await scrape(`${url}/metrics`);
    expect(status).toBe(200);
    checkExposition(text);
    check(text);
  };
}

const healthy: TargetContainer = { ecsName: 'healthy', serves: { body: 'healthy_total 7\n' } };

function hasHealthy(text: string): void {
  expect(samples(text, 'healthy_total')).toEqual(['healthy_total{container_name="healthy"} 7']);
}

const FOREIGN_FAULTS: readonly (readonly [string, readonly TargetContainer[], (text: string) => void])[] = [
  [
    'two tasks of one service: the samples of both, told apart',
    [
      { ecsName: 'web', serves: { body: 'hits_total 1\n' } },
      { ecsName: 'web', serves: { body: 'hits_total 2\n' } },
    ],
    (text) => {
      const lines = samples(text, 'hits_total{container_name="web"');
      expect(lines.map((line) => line.slice(-2)).sort()).toEqual([' 1', ' 2']);
    },
  ],
  [
    'an HTML page harms no other target',
    [healthy, { ecsName: 'page', serves: { body: '<html>not found</html>\n', contentType: 'text/html' } }],
    (text) => {
      hasHealthy(text);
      expect(targetUp(text, 'page')).toBe(0);
    },
  ],
  [
    "a target's own container_name becomes exported_container_name",
    [{ ecsName: 'agent', serves: { body: 'cpu{container_name="other",core="1"} 3\n' } }],
    (text) => {
      const [line] = samples(text, 'cpu{');
      expect(line).toBe('cpu{container_name="agent",exported_container_name="other",core="1"} 3');
    },
  ],
  [
    'an exemplar on a sample without labels: the label goes to the sample',
    [
      {
        ecsName: 'traced',
        serves: {
          body: '# TYPE calls counter\ncalls_total 5 # {trace_id="a1"} 1\n# EOF\n',
          contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
        },
      },
    ],
    (text) => expect(samples(text, 'calls_total')).toEqual(['calls_total{container_name="traced"} 5']),
  ],
  [
    'a body without a final newline is not glued to the next one',
    [
      { ecsName: 'a', serves: { body: 'first 1' } },
      { ecsName: 'b', serves: { body: 'second 2' } },
    ],
    (text) => {
      expect(samples(text, 'first')).toEqual(['first{container_name="a"} 1']);
      expect(samples(text, 'second')).toEqual(['second{container_name="b"} 2']);
    },
  ],
  [
    'CRLF, which Prometheus refuses, harms no other target',
    [healthy, { ecsName: 'windows', serves: { body: 'lines 1\r\nmore 2\r\n' } }],
    (text) => {
      hasHealthy(text);
      expect(targetUp(text, 'windows')).toBe(0);
    },
  ],
  [
    'a quote and a backslash in the name are escaped',
    [{ ecsName: 'a"b\\c', serves: { body: 'named 1\n' } }],
    (text) => expect(samples(text, 'named')).toEqual(['named{container_name="a\\"b\\\\c"} 1']),
  ],
  [
    'a tab between name and value: the sample gets its label',
    [{ ecsName: 'tabs', serves: { body: 'tabbed\t4\n' } }],
    (text) => expect(samples(text, 'tabbed')).toEqual(['tabbed{container_name="tabs"} 4']),
  ],
  [
    'the same HELP in two targets comes out once',
    ['a', 'b'].map((ecsName) => ({
      ecsName,
      serves: { body: '# HELP jobs Jobs.\n# TYPE jobs gauge\njobs 1\n' },
    })),
    (text) => {
      expect(text.split('\n').filter((line) => line.startsWith('# HELP jobs '))).toHaveLength(1);
      expect(samples(text, 'jobs')).toHaveLength(2);
    },
  ],
  [
    'the body of a 404 is not taken for metrics',
    [healthy, { ecsName: 'lost', serves: { body: 'lost_total 1\n', status: 404 } }],
    (text) => {
      hasHealthy(text);
      expect(samples(text, 'lost_total')).toEqual([]);
      expect(targetUp(text, 'lost')).toBe(0);
    },
  ],
];

describe('what one target returns', () => {
  it.each(FOREIGN_FAULTS)('%s', async (_name, targets, check) => provesWith(targets, inMetrics(check)));
});

describe('targets that fail', () => {
  it('a hanging one costs the others nothing', async () => {
    const hanging: TargetContainer = { ecsName: 'hanging', serves: { hangs: 'before-headers' } };
    await provesWith([healthy, hanging], async ({ url }) => {
      const { text, durationMs } = await scrape(`${url}/metrics`, 10);
      expect(durationMs).toBeLessThan(10_000);
      hasHealthy(text);
      expect(targetUp(text, 'hanging')).toBe(0);
    });
  });

  it('one is reported, and its body stays out of the log', async () => {
    const broken: TargetContainer = {
      ecsName: 'broken',
      serves: { body: 'secret_4711 1\n', missingBytes: 10 },
    };
    await provesWith([broken], async (exporter) => {
      const { text } = await scrape(`${exporter.url}/metrics`);
      expect(targetUp(text, 'broken')).toBe(0);
      expect(exporter.log()).not.toContain('secret_4711');
    });
  });
});

describe('around it', () => {
  it('Docker out of reach is an answer that says so', async () => {
    const settings = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
    const promised = async ({ url }: RunningProgram) => {
      const { status, text } = await scrape(`${url}/metrics`);
      expect(status).toBe(200);
      expect(samples(text, 'ecs_service_metrics_exporter_docker_up')).toEqual([
        'ecs_service_metrics_exporter_docker_up 0',
      ]);
    };
    await using oursWithout = await startExporter(settings);
    await using naiveWithout = await startNaive(settings);
    await promised(oursWithout);
    await expect(promised(naiveWithout)).rejects.toThrow();
  });

  it('SIGTERM lets the scrape in flight finish', async () => {
    const label = uniqueLabel();
    await using targets = await startTargets([
      { ...healthy, metricsLabel: label, serves: { delayMs: 1500 } },
    ]);
    const promised = async (exporter: RunningProgram) => {
      const answer = scrape(`${exporter.url}/metrics`);
      await untilLogged(targets.containers[0]!, 'request 9100');
      const exit = exporter.stop('SIGTERM');
      expect(samples((await answer).text, 'up_and_running')).toHaveLength(1);
      expect(await exit).toBe(0);
    };
    const settings = { DOCKER_LABEL_HAS_METRICS: label };
    await using oursStopped = await startExporter(settings);
    await promised(oursStopped);
    await using naiveStopped = await startNaive(settings);
    await expect(promised(naiveStopped)).rejects.toThrow();
  });
});

describe('how curl is asked', () => {
  const CANARY = { host: '127.0.0.2', port: 3128, routes: { '*': { body: 'canary 1\n' } } };
  const server = { routes: { '*': {} } };

  /** Nothing may reach the canary, which listens beside the target's own server. */
  const leavesCanaryAlone: Promised = async ({ url }, { containers }) => {
    const before = countOf(await logOf(containers[0]!), 'connection 3128');
    await scrape(`${url}/metrics`);
    expect(countOf(await logOf(containers[0]!), 'connection 3128')).toBe(before);
  };

  const REQUESTS_TO_OTHERS: readonly (readonly [string, TargetContainer])[] = [
    ['a host in the label is never asked', { endpoints: '9100@127.0.0.2:3128/x' }],
    ['a proxy of the container is not used', { environment: { http_proxy: 'http://127.0.0.2:3128' } }],
    [
      'a .curlrc of the container is not read',
      {
        configure: (container) =>
          container.withCopyContentToContainer([
            { content: 'proxy = 127.0.0.2:3128\n', target: '/root/.curlrc' },
          ]),
      },
    ],
  ];

  it.each(REQUESTS_TO_OTHERS)('%s', async (_name, target) => {
    await provesWith([{ ...target, serves: [server, CANARY] }], leavesCanaryAlone);
  });

  it('a range in the label is not expanded', async () => {
    await provesWith([{ endpoints: '9100/[1-5]', serves: [server] }], async ({ url }, { containers }) => {
      await scrape(`${url}/metrics`);
      expect(countOf(await logOf(containers[0]!), 'request 9100')).toBe(0);
    });
  });
});

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}
