import { createServer } from 'node:http';

import { Router } from '@koa/router';
import Koa from 'koa';
import { Counter, Registry, type OpenMetricsContentType } from 'prom-client';

import {
  bodyOf,
  ConfigurationError,
  createExporter,
  failure,
  targetsOf,
  type Exporter,
  type ExporterOptions,
  type MetricsFetcher,
  type TargetDiscovery,
} from '../../../../src/index.ts';
import { ScriptedEngine } from '../../../support/docker/scripted-engine.ts';
import { RecordingLogger } from '../../../support/fakes.ts';
import { samples } from '../../../support/scrape.ts';
import { ask, listen } from '../../../support/web-client.ts';

const discovery: TargetDiscovery = {
  discover: () =>
    Promise.resolve(
      targetsOf([
        { targets: ['10.0.0.1:9100'], labels: { container_name: 'checkout' } },
        { targets: ['10.0.0.2:9100'], labels: { container_name: 'broken' } },
      ]),
    ),
};
const fetcher: MetricsFetcher = {
  fetch: ({ target }) =>
    Promise.resolve(
      target.containerName === 'broken'
        ? failure('http_status', 'HTTP 500')
        : { ok: true, body: bodyOf('orders_total 3\n'), contentType: 'text/plain', via: 'http' },
    ),
};
const PREFIX = 'ecs_service_metrics_exporter_';

/** An exporter with parts in memory. */
function anExporter(options: ExporterOptions = {}): Exporter {
  return createExporter({ discovery, fetcher, logger: new RecordingLogger(), ...options });
}

async function collectText(exporter: Exporter): Promise<string> {
  return Buffer.from((await exporter.collect()).bytes).toString();
}

describe('createExporter', () => {
  it('throws all mistakes at once', () => {
    expect(() => createExporter({ targetTimeout: '5', httpListenPort: -1 })).toThrow(ConfigurationError);
  });

  it('accepts a part that is a function', async () => {
    const callable = Object.assign(() => undefined, discovery);
    const { endpoints } = await anExporter({ discovery: callable }).targets();
    expect(endpoints).toHaveLength(2);
  });

  describe('collect', () => {
    it('can be called any number of times', async () => {
      const exporter = anExporter();
      // More than may be running at a time.
      for (let i = 0; i < 70; i++) await exporter.collect();
      expect(await collectText(exporter)).toContain('orders_total');
    });

    it('merges what the given parts find and fetch', async () => {
      const text = await collectText(anExporter());
      expect(samples(text, 'orders_total')).toEqual(['orders_total{container_name="checkout"} 3']);
      expect(samples(text, `${PREFIX}target_up`)).toEqual([
        `${PREFIX}target_up{container_name="broken"} 0`,
        `${PREFIX}target_up{container_name="checkout"} 1`,
      ]);
    });

    it('negotiates the format and filters by name', async () => {
      const { contentType, bytes } = await anExporter().collect(AbortSignal.timeout(10_000), {
        accept: 'application/openmetrics-text',
        timeoutSeconds: 5,
        containerNames: ['broken'],
      });
      expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
      const text = Buffer.from(bytes).toString();
      expect(text).toMatch(/# EOF\n$/);
      expect(text).not.toContain('orders');
    });

    it('ends with the time that it names: what has arrived is the answer', async () => {
      const hung: MetricsFetcher = { fetch: () => new Promise(() => undefined) };
      const { bytes } = await anExporter({ fetcher: hung }).collect(undefined, { timeoutSeconds: 0.1 });
      expect(samples(Buffer.from(bytes).toString(), `${PREFIX}target_problem`)).toContain(
        `${PREFIX}target_problem{container_name="checkout",reason="timeout"} 1`,
      );
    });

    it('rejects with the reason of its signal', async () => {
      await expect(anExporter().collect(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    });

    it("holds the limits around a fetcher of one's own", async () => {
      const text = await collectText(anExporter({ targetBodySizeLimit: '4B' }));
      expect(samples(text, `${PREFIX}target_problem`)).toContain(
        `${PREFIX}target_problem{container_name="checkout",reason="too_large"} 1`,
      );
    });
  });

  it('lists the targets with how they fared', async () => {
    const exporter = anExporter();
    await exporter.collect();
    const { endpoints } = await exporter.targets();
    expect(endpoints.map(({ identified, state }) => [identified.target.containerName, state])).toEqual([
      ['broken', 'down'],
      ['checkout', 'up'],
    ]);
  });

  it('logs failures of targets to the given logger', async () => {
    const logger = new RecordingLogger();
    await anExporter({ logger }).collect();
    expect(logger.lines.map(({ message, fields }) => [message, fields?.['containerName']])).toContainEqual([
      'a target is down',
      'broken',
    ]);
  });

  describe('registries', () => {
    it('are merged as further sources', async () => {
      const registry = new Registry();
      new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] }).inc(2);
      const text = await collectText(anExporter({ registries: { platform: registry } }));
      expect(text).toContain('# HELP jobs_total Jobs.\n# TYPE jobs_total counter\n');
      expect(samples(text, 'jobs_total')).toEqual(['jobs_total{container_name="platform"} 2']);
    });

    it('may be in OpenMetrics', async () => {
      const registry = new Registry<OpenMetricsContentType>();
      registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
      new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] }).inc(2);
      const text = await collectText(anExporter({ registries: { platform: registry } }));
      expect(samples(text, 'jobs_total')).toEqual(['jobs_total{container_name="platform"} 2']);
    });

    it('keep their names: a target of the same name gets more labels', async () => {
      const text = await collectText(anExporter({ registries: { checkout: new Registry() } }));
      expect(samples(text, 'orders_total')).toEqual([
        'orders_total{container_name="checkout",container_id="10.0.0.1:9100"} 3',
      ]);
    });
  });

  describe('configure', () => {
    it('rebinds a part', async () => {
      const empty: TargetDiscovery = { discover: () => Promise.resolve([]) };
      const exporter = anExporter({
        configure: (container, ports) => container.rebind(ports.discovery).toConstantValue(empty),
      });
      expect((await exporter.targets()).endpoints).toEqual([]);
    });

    it('puts something around a part that is there', async () => {
      const exporter = anExporter({
        configure: (container, ports) =>
          container.onActivation(ports.relabeler, (_context, relabeler) => ({
            start: (options) => {
              const merge = relabeler.start(options);
              return {
                add: (source) =>
                  merge.add({ ...source, labels: [...source.labels, { name: 'team', value: 'a' }] }),
                typeConflicts: () => merge.typeConflicts(),
                finish: () => merge.finish(),
                discard: () => merge.discard(),
              };
            },
          })),
      });
      expect(samples(await collectText(exporter), 'orders_total')).toEqual([
        'orders_total{container_name="checkout",team="a"} 3',
      ]);
    });
  });

  describe('mounted', () => {
    it('answers as a handler of a plain server', async () => {
      await using web = await listen(anExporter().handler);
      expect((await ask(`${web.url}/metrics`)).text).toContain('orders_total{container_name="checkout"} 3');
      expect((await ask(`${web.url}/-/ready`)).status).toBe(200);
      expect((await ask(`${web.url}/nothing`)).status).toBe(404);
    });

    it('links its pages where a framework took the mount path off', async () => {
      const { handler } = anExporter();
      await using web = await listen((request, response) => {
        const originalUrl = request.url ?? '';
        const url = originalUrl.slice('/internal'.length);
        handler(
          Object.assign(request, { originalUrl, url: url.startsWith('/') ? url : `/${url}` }),
          response,
        );
      });
      expect((await ask(`${web.url}/internal`)).text).toContain('href="./internal/targets"');
      expect((await ask(`${web.url}/internal/targets`)).text).toContain('href="./metrics"');
    });

    it.each<[string, (app: Koa, exporter: Exporter) => void]>([
      ['with a prefix', (app, { router }) => app.use(router.prefix('/internal').routes())],
      [
        'in another router',
        (app, { router }) => app.use(new Router().use('/internal', router.routes()).routes()),
      ],
    ])('answers as a router %s in a foreign Koa app', async (_how, mount) => {
      const foreign = new Koa();
      mount(foreign, anExporter());
      foreign.use((ctx) => void (ctx.body = 'theirs'));
      const answer = foreign.callback();
      await using web = await listen((request, response) => void answer(request, response));
      expect((await ask(`${web.url}/internal/metrics`)).text).toContain('orders_total{');
      expect((await ask(`${web.url}/internal`)).text).toContain('href="./internal/targets"');
      expect((await ask(`${web.url}/internal/targets`)).text).toContain('checkout');
      expect((await ask(`${web.url}/metrics`)).text).toBe('theirs');
    });
  });

  it("is ready when a discovery of one's own answers", async () => {
    const broken: TargetDiscovery = { discover: () => Promise.reject(new Error('the registry is away')) };
    await using web = await listen(anExporter({ discovery: broken }).handler);
    const { status, text } = await ask(`${web.url}/-/ready`);
    expect([status, text]).toEqual([503, 'not ready: the registry is away\n']);
  });

  it('is not ready if the Docker daemon hangs', async () => {
    await using engine = await ScriptedEngine.start();
    engine.always('ping', { kind: 'freeze' });
    const docker = anExporter({ discovery: 'docker', dockerHost: `unix://${engine.socketPath}` });
    await using web = await listen(docker.handler);
    const { status, text } = await ask(`${web.url}/-/ready`);
    expect(status).toBe(503);
    expect(text).toMatch(/^not ready: the Docker daemon at .* did not answer in time/);
  });

  describe('start and stop', () => {
    it('serves at the address and port until it is stopped', async () => {
      const exporter = anExporter({ httpListenAddress: '127.0.0.1', httpListenPort: 0 });
      const { port } = await exporter.start();
      expect((await ask(`http://127.0.0.1:${port}/metrics`)).text).toContain('orders_total{');
      expect((await exporter.start()).port).toBe(port);
      await exporter.stop();
      await exporter.stop();
      await expect(ask(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow('ECONNREFUSED');
      await expect(exporter.start()).rejects.toThrow('make a new one');
    });

    it('rejects with the reason if it can not listen, and may be started again', async () => {
      const taken = createServer();
      const { port } = await new Promise<{ port: number }>((resolve) =>
        taken.listen(0, '127.0.0.1', () => resolve(taken.address() as { port: number })),
      );
      const exporter = anExporter({ httpListenAddress: '127.0.0.1', httpListenPort: port });
      await expect(exporter.start()).rejects.toThrow('EADDRINUSE');
      await new Promise((resolve) => taken.close(resolve));
      expect((await exporter.start()).port).toBe(port);
      await exporter.stop();
    });

    it('stops without having started', async () => expect(anExporter().stop()).resolves.toBeUndefined());

    it('leaves the parts that it was given alone', async () => {
      let closed = 0;
      const close = (): void => {
        closed++;
      };
      const owned = { close, [Symbol.dispose]: close, [Symbol.asyncDispose]: close };
      const exporter = anExporter({
        discovery: { ...discovery, ...owned },
        fetcher: { ...fetcher, ...owned },
      });
      await exporter.collect();
      await exporter.stop();
      expect(closed).toBe(0);
    });
  });
});

/** Never called: the compiler is the test. */
export function wrongParts(): void {
  // @ts-expect-error -- a discovery resolves with targets
  createExporter({ discovery: { discover: () => Promise.resolve(['10.0.0.1']) } });
  // @ts-expect-error -- a reason is one of the closed list
  createExporter({ fetcher: { fetch: () => Promise.resolve({ ok: false, reason: 'tired', detail: '' }) } });
  // @ts-expect-error -- a relabeler starts merges
  createExporter({ relabeler: { merge: () => '' } });
  // @ts-expect-error -- a logger has four levels
  createExporter({ logger: { info: () => undefined } });
  // @ts-expect-error -- a clock has two scales
  createExporter({ clock: { now: () => 0 } });
  // @ts-expect-error -- no such discovery
  createExporter({ discovery: 'nomad' });
  // @ts-expect-error -- no such option
  createExporter({ targetTimeOut: '5s' });
  // @ts-expect-error -- the port says what may be bound to it
  createExporter({ configure: (container, ports) => container.rebind(ports.clock).toConstantValue(fetcher) });
}
