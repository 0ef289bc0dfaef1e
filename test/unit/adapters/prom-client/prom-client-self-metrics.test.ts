import { PromClientSelfMetrics } from '../../../../src/adapters/prom-client/prom-client-self-metrics.ts';
import type { ScrapeReport } from '../../../../src/domain/reporting/scrape-report.ts';
import { downReport, identify, scrapeReport, target, upReport } from '../../../support/scrape-reports.ts';

const [web] = identify([target('a', 'web')]);
const [db] = identify([target('b', 'db')]);

/** The samples of a family, without our prefix. */
async function samples(
  metrics: PromClientSelfMetrics,
  report: ScrapeReport,
  family: string,
): Promise<string[]> {
  const text = Buffer.from(await metrics.expose(report)).toString();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`ecs_service_metrics_exporter_${family}`))
    .map((line) => line.slice('ecs_service_metrics_exporter_'.length))
    .filter((line) => /^[{ ]/.test(line.slice(family.length)));
}

describe('families about targets', () => {
  const report = scrapeReport(
    [{ ...upReport(web!), durationSeconds: 0.012000000000000455 }, downReport(db!, 'http_status')],
    { invalidEndpoints: 2 },
  );

  it.each([
    ['target_up', ['target_up{container_name="web"} 1', 'target_up{container_name="db"} 0']],
    [
      'target_scrape_duration_seconds',
      [
        'target_scrape_duration_seconds{container_name="web"} 0.012',
        'target_scrape_duration_seconds{container_name="db"} 5',
      ],
    ],
    ['target_samples_scraped', ['target_samples_scraped{container_name="web"} 30']],
    ['target_body_bytes', ['target_body_bytes{container_name="web"} 2048']],
    ['target_problem', ['target_problem{container_name="db",reason="http_status"} 1']],
    ['target_failures_total', ['target_failures_total{container_name="db",reason="http_status"} 1']],
    [
      'target_start_time_seconds',
      [
        'target_start_time_seconds{container_name="web"} 1795340000',
        'target_start_time_seconds{container_name="db"} 1795340000',
      ],
    ],
    ['targets', ['targets{state="up"} 1', 'targets{state="down"} 1', 'targets{state="invalid"} 2']],
  ])('%s', async (family, expected) => {
    expect(await samples(new PromClientSelfMetrics('1.2.3'), report, family)).toEqual(expected);
  });

  it('target_info holds what identity does not', async () => {
    const attributes = {
      containerId: 'c'.repeat(64),
      dockerName: 'ecs-api-1',
      image: 'api:2',
      taskArn: 'arn:aws:ecs:eu-west-1:1:task/prod/0123',
      taskFamily: 'api',
      taskRevision: '7',
      cluster: 'arn:aws:ecs:eu-west-1:1:cluster/prod',
      service: 'api-service',
    };
    const api = target('c', 'api', { attributes, label: '9100,9101/admin?a=1' });
    const identified = identify([api], ['container_name', 'task_family', 'cluster']);
    const lines = await samples(
      new PromClientSelfMetrics('1.2.3'),
      scrapeReport(identified.map(upReport)),
      'target_info',
    );
    expect(lines[1]).toBe(
      'target_info{container_name="api",task_family="api",cluster="prod",metrics_endpoint="9101/admin",' +
        'container_id="cccccccccccc",image="api:2",task_arn="arn:aws:ecs:eu-west-1:1:task/prod/0123",' +
        'task_revision="7",docker_name="ecs-api-1",service="api-service"} 1',
    );
    expect(lines).toHaveLength(2);
  });

  it('target_info names the endpoint where identity has no need to, and follows a change', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    const info = (identified: typeof web): Promise<string[]> =>
      samples(metrics, scrapeReport([upReport(identified!)]), 'target_info');
    expect((await info(web))[0]).toContain('metrics_endpoint="9100/metrics"');
    const renamed = target('a', 'web', { attributes: { dockerName: 'renamed' } });
    expect((await info({ ...web!, target: renamed }))[0]).toContain('docker_name="renamed"');
  });

  it('a target of unknown age has no start time', async () => {
    const [ageless] = identify([target('d', 'ageless', { createdSeconds: 0 })]);
    const metrics = new PromClientSelfMetrics('1.2.3');
    expect(await samples(metrics, scrapeReport([upReport(ageless!)]), 'target_start_time_seconds')).toEqual(
      [],
    );
  });

  it('escapes label values', async () => {
    const [odd] = identify([target('e', 'a"b\\c\nd')]);
    const metrics = new PromClientSelfMetrics('1.2.3');
    expect(await samples(metrics, scrapeReport([upReport(odd!)]), 'target_up')).toEqual([
      String.raw`target_up{container_name="a\"b\\c\nd"} 1`,
    ]);
  });
});

describe('target_failures_total', () => {
  const family = 'target_failures_total';

  it('counts scrapes by reason, and stays while the endpoint is up', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    await metrics.expose(scrapeReport([downReport(web!, 'timeout')]));
    await metrics.expose(scrapeReport([downReport(web!, 'timeout')]));
    await metrics.expose(scrapeReport([downReport(web!, 'malformed')]));
    expect(await samples(metrics, scrapeReport([upReport(web!)]), family)).toEqual([
      'target_failures_total{container_name="web",reason="timeout"} 2',
      'target_failures_total{container_name="web",reason="malformed"} 1',
    ]);
  });

  it('forgets a container that is gone, and starts at nothing when one of its name comes back', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    await metrics.expose(scrapeReport([downReport(web!, 'timeout')]));
    await metrics.expose(scrapeReport([upReport(db!)]));
    expect(await samples(metrics, scrapeReport([upReport(web!)]), family)).toEqual([]);
  });

  it('keeps the counts of containers that a filtered scrape leaves out, and does not show them there', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    await metrics.expose(scrapeReport([downReport(web!, 'timeout')]));
    const listed = [web!, db!];
    expect(await samples(metrics, scrapeReport([upReport(db!)], { listed }), family)).toEqual([]);
    expect(await samples(metrics, scrapeReport([upReport(web!)], { listed }), family)).toEqual([
      'target_failures_total{container_name="web",reason="timeout"} 1',
    ]);
  });
});

describe('families about the exporter', () => {
  it.each([
    [true, 'docker_up 1'],
    [false, 'docker_up 0'],
  ])('docker_up: reachable %p', async (isDaemonReachable, expected) => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    expect(await samples(metrics, scrapeReport([], { isDaemonReachable }), 'docker_up')).toEqual([expected]);
  });

  it('build_info', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    expect(await samples(metrics, scrapeReport([]), 'build_info')).toEqual([
      `build_info{version="1.2.3",node_version="${process.version}"} 1`,
    ]);
  });

  it('takes in the totals of finished scrapes', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    metrics.finished({ durationSeconds: 2, duplicateSamples: 3, unrepresentable: 1 });
    metrics.finished({ durationSeconds: 0.25, duplicateSamples: 4, unrepresentable: 0 });
    const report = scrapeReport([]);
    expect(await samples(metrics, report, 'scrape_duration_seconds')).toEqual([
      'scrape_duration_seconds 0.25',
    ]);
    expect(await samples(metrics, report, 'duplicate_samples_total')).toEqual(['duplicate_samples_total 7']);
    expect(await samples(metrics, report, 'unrepresentable_total')).toEqual(['unrepresentable_total 1']);
  });

  it('counts requests to Docker by operation', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    metrics.observeDockerRequest('list', 0.004);
    metrics.observeDockerRequest('list', 0.6);
    const report = scrapeReport([]);
    expect(await samples(metrics, report, 'docker_request_duration_seconds_count')).toEqual([
      'docker_request_duration_seconds_count{operation="list"} 2',
    ]);
    expect(await samples(metrics, report, 'docker_request_duration_seconds_bucket')).toContain(
      'docker_request_duration_seconds_bucket{le="0.5",operation="list"} 1',
    );
  });

  it('counts execs by kind, and shows the open sessions', async () => {
    const metrics = new PromClientSelfMetrics('1.2.3');
    metrics.observeExec('session');
    metrics.observeOpenSessions(4);
    const report = scrapeReport([]);
    expect(await samples(metrics, report, 'execs_total')).toEqual([
      'execs_total{kind="fetch"} 0',
      'execs_total{kind="session"} 1',
      'execs_total{kind="metadata"} 0',
    ]);
    expect(await samples(metrics, report, 'exec_sessions')).toEqual(['exec_sessions 4']);
  });

  it('names families in conflict, at most a hundred', async () => {
    const typeConflicts = Array.from({ length: 103 }, (_, i) => ({
      family: `f${i}`,
      types: ['gauge', 'counter'],
    }));
    const metrics = new PromClientSelfMetrics('1.2.3');
    const lines = await samples(metrics, scrapeReport([], { typeConflicts }), 'type_conflicts');
    expect(lines).toHaveLength(101);
    expect(lines[0]).toBe('type_conflicts{family="f0"} 1');
    expect(lines.at(-1)).toBe('type_conflicts{family="(others)"} 3');
  });

  it('stays cheap with 500 endpoints', async () => {
    const targets = Array.from({ length: 500 }, (_, i) =>
      target('a', `service-${i}`, { id: i.toString(16).padStart(64, '0') }),
    );
    const report = scrapeReport(identify(targets).map((each) => downReport(each, 'timeout')));
    const metrics = new PromClientSelfMetrics('1.2.3');
    await metrics.expose(report);
    const before = process.cpuUsage();
    const times = 20;
    for (let i = 0; i < times; i++) await metrics.expose(report);
    const spent = process.cpuUsage(before);
    expect((spent.user + spent.system) / 1000 / times).toBeLessThan(40);
  });
});

describe('process metrics', () => {
  it('have their standard names, without the three that promtool lints', async () => {
    const text = Buffer.from(await new PromClientSelfMetrics('1').exposeProcess()).toString();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
    expect(names).toEqual(
      expect.arrayContaining([
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'process_start_time_seconds',
        'process_open_fds',
        'nodejs_heap_size_used_bytes',
        'nodejs_gc_duration_seconds',
        'nodejs_version_info',
        'nodejs_eventloop_lag_seconds',
        'nodejs_eventloop_lag_p99_seconds',
      ]),
    );
    expect(names.filter((name) => /^nodejs_active_.*_total$/.test(name ?? ''))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("don't report the monitor's own interval as delay, nor what was never measured", async () => {
    const lag = async (): Promise<number[]> => {
      const text = Buffer.from(await new PromClientSelfMetrics('1').exposeProcess()).toString();
      return [...text.matchAll(/^nodejs_eventloop_lag_\S+ (\S+)$/gm)].map((match) => Number(match[1]));
    };
    const values = [...(await lag()), ...(await lag())];
    expect(values.length).toBeGreaterThanOrEqual(14);
    for (const value of values) expect(value).toBeLessThan(1.9);
  });
});
