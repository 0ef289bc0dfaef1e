import { targetsJson } from '../../../../src/adapters/koa/targets-json.ts';
import type { ListedEndpoint, TargetList } from '../../../../src/application/list-targets.ts';
import { FAILURE_HINTS } from '../../../../src/domain/fetching/failure-hints.ts';
import { readDocument, tableRows } from '../../../support/markdown.ts';
import { sampleTargets } from '../../../support/sample-targets.ts';

interface Answer {
  readonly status: string;
  readonly data: {
    readonly activeTargets: readonly Readonly<Record<string, unknown>>[];
    readonly droppedTargets: readonly Readonly<Record<string, unknown>>[];
    readonly droppedTargetCounts: unknown;
  };
  readonly warnings?: readonly string[];
}

/** The JSON as a client parses it. */
function json(list: TargetList): Answer {
  return JSON.parse(JSON.stringify(targetsJson(list))) as Answer;
}

function endpoint(name: string): ListedEndpoint {
  return sampleTargets().endpoints.find(({ identified }) => identified.target.containerName === name)!;
}

function active(listed: ListedEndpoint): Readonly<Record<string, unknown>> {
  return json({ endpoints: [listed], invalid: [], problem: undefined }).data.activeTargets[0]!;
}

describe('/api/v1/targets', () => {
  it('has all of a target that is up', () => {
    const listed = endpoint('checkout');
    expect(active(listed)).toEqual({
      discoveredLabels: {
        __meta_docker_container_id: listed.identified.target.id,
        __meta_docker_container_name: '/ecs-checkout-42-app-d4b1f2a9c3e6d7b8a501',
        __meta_docker_container_label_com_amazonaws_ecs_cluster: 'prod',
        __meta_docker_container_label_com_amazonaws_ecs_task_arn:
          'arn:aws:ecs:eu-west-1:123456789012:task/prod/0f6d1c2b3a4958677685940312abcdef',
        __meta_docker_container_label_com_amazonaws_ecs_task_definition_family: 'checkout',
        __meta_docker_container_label_com_amazonaws_ecs_task_definition_version: '42',
      },
      labels: { container_name: 'checkout' },
      scrapePool: 'ecs-service-metrics-exporter',
      scrapeUrl: 'http://localhost:9100/metrics',
      lastError: '',
      lastScrape: '2026-11-22T16:39:53.250Z',
      lastScrapeDuration: listed.last!.report.durationSeconds,
      health: 'up',
      targetId: listed.identified.target.id,
      endpoint: '9100/metrics',
      fetchMode: 'exec',
      fetchedBy: 'exec',
      reason: null,
      hint: null,
      samples: listed.last!.report.samples,
      bodyBytes: listed.last!.report.bodyBytes,
      warnings: [],
    });
  });

  it('has the reason and a hint for an endpoint that is down', () => {
    expect(active(endpoint('payments'))).toMatchObject({
      health: 'down',
      lastError: expect.stringMatching(/^malformed: line 17: /) as string,
      reason: 'malformed',
      hint: FAILURE_HINTS.malformed,
      fetchedBy: null,
      warnings: [expect.stringContaining('.timeout') as string],
    });
  });

  it('writes of one that was never scraped what Prometheus writes', () => {
    expect(active(endpoint('session-cache'))).toMatchObject({
      health: 'unknown',
      lastError: '',
      lastScrape: '0001-01-01T00:00:00Z',
      lastScrapeDuration: 0,
    });
  });

  it.each<[string, Parameters<typeof url>[0], string]>([
    ['exec', { mode: 'exec' }, 'http://localhost:9100/metrics'],
    ['http', { mode: 'http' }, 'http://172.17.0.9:9100/metrics'],
    ['https', { mode: 'http', scheme: 'https' }, 'https://172.17.0.9:9100/metrics'],
    ['https inside the container', { mode: 'exec', scheme: 'https' }, 'https://localhost:9100/metrics'],
    ['IPv6', { mode: 'http', host: 'fd00::2' }, 'http://[fd00::2]:9100/metrics'],
    ['auto that fell back to exec', { mode: 'auto', via: 'exec' }, 'http://localhost:9100/metrics'],
    ['auto by http', { mode: 'auto', via: 'http' }, 'http://172.17.0.9:9100/metrics'],
    ['no address', { mode: 'http', host: '' }, 'http://localhost:9100/metrics'],
  ])('scrapeUrl: %s', (_name, how, expected) => {
    expect(url(how)).toBe(expected);
  });

  it('lists invalid endpoints as dropped', () => {
    const { data } = json(sampleTargets());
    expect(data.droppedTargets).toMatchObject([
      {
        containerName: 'legacy-api',
        endpoint: '9100@metrics.internal/x',
        reason: expect.any(String) as string,
      },
    ]);
    expect(data.droppedTargetCounts).toEqual({ 'ecs-service-metrics-exporter': 1 });
  });

  it('warns where the targets can not be listed', () => {
    expect(json(sampleTargets())).not.toHaveProperty('warnings');
    expect(json({ ...sampleTargets(), problem: 'no socket' }).warnings).toEqual(['no socket']);
  });

  it('is documented field by field in docs/api.md', () => {
    const { data } = json(sampleTargets());
    const [, fields = '', dropped = ''] = readDocument('docs/api.md').split(/^Each of .*:$/m);
    const documented = (text: string): string[] =>
      tableRows(text).flatMap(([name = '']) => (name.startsWith('`') ? [name.replaceAll('`', '')] : []));
    expect(documented(fields)).toEqual(Object.keys(data.activeTargets[0]!));
    expect(documented(dropped)).toEqual(Object.keys(data.droppedTargets[0]!));
  });
});

function url(how: {
  mode: ListedEndpoint['mode'];
  via?: 'exec' | 'http';
  scheme?: 'https';
  host?: string;
}): unknown {
  const listed = endpoint('checkout');
  const { mode, via, scheme = 'http', host = '172.17.0.9' } = how;
  const { target } = listed.identified;
  const address = host === '' ? ({ kind: 'none', hint: 'none' } as const) : ({ kind: 'ip', host } as const);
  return active({
    ...listed,
    mode,
    identified: {
      ...listed.identified,
      target: { ...target, address, options: { ...target.options, scheme } },
    },
    last: via === undefined ? undefined : { ...listed.last!, report: { ...listed.last!.report, via } },
  })['scrapeUrl'];
}
