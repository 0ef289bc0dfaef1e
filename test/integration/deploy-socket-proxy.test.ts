import { once } from 'node:events';
import { request } from 'node:http';
import { startTargets, uniqueLabel, type TargetGroup } from '../support/containers.ts';
import { startExporter } from '../support/program.ts';
import { samples, scrape, targetUp } from '../support/scrape.ts';
import { startSocketProxy, type SocketProxy } from '../support/socket-proxy.ts';

async function statusOf(socketPath: string, method: string, path: string): Promise<number> {
  const sent = request({ socketPath, method, path }).end();
  const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

describe('the filtering socket proxy', () => {
  const metricsLabel = uniqueLabel();
  let proxy: SocketProxy;
  let targets: TargetGroup;
  beforeAll(async () => {
    proxy = await startSocketProxy();
    targets = await startTargets([{ metricsLabel, ecsName: 'checkout' }]);
  });
  afterAll(async () => {
    for (const started of [targets, proxy] as (AsyncDisposable | undefined)[]) {
      await started?.[Symbol.asyncDispose]();
    }
  });

  it.each([
    ['GET', '/containers/json', 200],
    ['GET', '/containers/json?filters=%7B%7D&limit=1', 200],
    ['GET', '/v1.41/containers/json', 200],
    ['HEAD', '/containers/json', 403],
    ['POST', '/containers/json', 403],
    ['GET', '/containers/json/', 403],
    ['GET', '//containers/json', 403],
    ['GET', '/containers/%6ason', 403],
    ['GET', '/v1.41/../containers/json', 403],
    ['GET', '/containers/json/../abc/json', 403],
    ['GET', '/containers/abc/json', 403],
    ['GET', '/containers/abc/archive?path=/etc', 403],
    ['POST', '/containers/create', 403],
    ['POST', '/containers/abc/exec', 403],
    ['GET', '/images/json', 403],
    ['GET', '/_ping', 403],
    ['GET', '/events', 403],
  ])('%s %s: %i', async (method, path, status) => {
    expect(await statusOf(proxy.socket, method, path)).toBe(status);
  });

  it('is enough for http mode', async () => {
    await using exporter = await startExporter({
      DOCKER_HOST: `unix://${proxy.socket}`,
      FETCH_MODE: 'http',
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
    });
    expect((await scrape(`${exporter.url}/-/ready`)).status).toBe(200);
    const { text } = await scrape(`${exporter.url}/metrics`);
    expect(samples(text, 'up_and_running')).toEqual(['up_and_running{container_name="checkout"} 1']);
    expect(samples(text, 'ecs_service_metrics_exporter_docker_up')).toEqual([
      'ecs_service_metrics_exporter_docker_up 1',
    ]);
  });

  it('keeps exec mode from working, with a detail that says so', async () => {
    await using exporter = await startExporter({
      DOCKER_HOST: `unix://${proxy.socket}`,
      FETCH_MODE: 'exec',
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
    });
    const { text } = await scrape(`${exporter.url}/metrics`);
    expect(targetUp(text, 'checkout')).toBe(0);
    expect((await scrape(`${exporter.url}/api/v1/targets`)).text).toMatch(/403/);
  });
});
