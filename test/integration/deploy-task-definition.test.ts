import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { startTargets, uniqueLabel, type TargetGroup } from '../support/containers.ts';
import { testImage } from '../support/images.ts';
import { PROJECT, readDocument } from '../support/markdown.ts';
import { scrape, targetUp } from '../support/scrape.ts';
import { startSocketProxy } from '../support/socket-proxy.ts';

interface ContainerDefinition {
  readonly name: string;
  readonly memory: number;
  readonly user: string;
  readonly readonlyRootFilesystem: boolean;
  readonly linuxParameters: { readonly capabilities: { readonly drop: string[] } };
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly mountPoints: readonly {
    readonly sourceVolume: string;
    readonly containerPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly healthCheck: { readonly command: readonly string[]; readonly timeout: number };
  readonly logConfiguration: { readonly logDriver: string; readonly options: Record<string, string> };
}
interface TaskDefinition {
  readonly networkMode: string;
  readonly containerDefinitions: readonly ContainerDefinition[];
  readonly volumes: readonly { readonly name: string; readonly host: { readonly sourcePath?: string } }[];
}

const FILES = ['task-definition.json', 'task-definition-socket-proxy.json'];
const EXPORTER = 'ecs-service-metrics-exporter';
const FROM_CHECKOUT = ['node', 'src/main.ts'];
const SECOND_NS = 1e9;
const docker = new Docker();
const { socketPath = '' } = docker.modem as { socketPath?: string };
const metricsLabel = uniqueLabel();

function readDefinition(file: string): TaskDefinition {
  return JSON.parse(readDocument(`deploy/ecs/${file}`)) as TaskDefinition;
}

function exporterOf({ containerDefinitions }: TaskDefinition): ContainerDefinition {
  const container = containerDefinitions.find(({ name }) => name === EXPORTER);
  if (container === undefined) throw new Error('no container of that name');
  return container;
}

/**
 * Creates the exporter's container as the ECS agent would, but on a port of its own, checked every second, and with the
 * program from this checkout: image.test.ts builds the image.
 */
async function createExporter(
  definition: TaskDefinition,
  port: number,
  hostPaths: Readonly<Record<string, string>>,
): Promise<Docker.Container> {
  const container = exporterOf(definition);
  const { environment = [], healthCheck, logConfiguration } = container;
  const bytes = container.memory * 2 ** 20;
  return docker.createContainer({
    Image: await testImage('node'),
    WorkingDir: '/app',
    Entrypoint: FROM_CHECKOUT,
    User: container.user,
    Env: [
      ...environment.map(({ name, value }) => `${name}=${value}`),
      `DOCKER_LABEL_HAS_METRICS=${metricsLabel}`,
      `HTTP_LISTEN_PORT=${port}`,
    ],
    Healthcheck: {
      Test: ['CMD', ...FROM_CHECKOUT, 'health'],
      Interval: SECOND_NS,
      Timeout: healthCheck.timeout * SECOND_NS,
      Retries: 100,
    },
    HostConfig: {
      NetworkMode: definition.networkMode,
      Memory: bytes,
      ReadonlyRootfs: container.readonlyRootFilesystem,
      CapDrop: container.linuxParameters.capabilities.drop,
      Binds: [
        `${PROJECT}:/app:ro`,
        ...container.mountPoints.map(
          ({ sourceVolume, containerPath, readOnly = false }) =>
            `${hostPaths[sourceVolume] ?? ''}:${containerPath}:${readOnly ? 'ro' : 'rw'}`,
        ),
      ],
      LogConfig: { Type: logConfiguration.logDriver, Config: logConfiguration.options },
    },
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function healthOf(container: Docker.Container): Promise<string> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { State } = await container.inspect();
    if (!State.Running) throw new Error((await container.logs({ stdout: true, stderr: true })).toString());
    if (State.Health?.Status !== 'starting') return State.Health?.Status ?? 'none';
    await sleep(100);
  }
  return 'starting';
}

describe('the task definitions', () => {
  let targets: TargetGroup;
  beforeAll(async () => {
    targets = await startTargets([{ metricsLabel, ecsName: 'checkout' }]);
  });
  afterAll(async () => {
    await (targets as TargetGroup | undefined)?.[Symbol.asyncDispose]();
  });

  async function expectToScrape(file: string, hostPaths: Readonly<Record<string, string>>): Promise<void> {
    const definition = readDefinition(file);
    expect(Object.keys(hostPaths).sort()).toEqual(definition.volumes.map(({ name }) => name).sort());
    const port = await freePort();
    const container = await createExporter(definition, port, hostPaths);
    try {
      await container.start();
      expect(await healthOf(container)).toBe('healthy');
      const { text } = await scrape(`http://127.0.0.1:${port}/metrics`);
      expect(targetUp(text, 'checkout')).toBe(1);
    } finally {
      await container.remove({ force: true });
    }
  }

  it.each(FILES)('%s has the health check of the image', (file) => {
    const [, command = ''] = /^HEALTHCHECK .*CMD (.*)$/m.exec(readDocument('Dockerfile')) ?? [];
    expect(exporterOf(readDefinition(file)).healthCheck.command).toEqual([
      'CMD',
      ...(JSON.parse(command) as string[]),
    ]);
  });

  it('runs with the socket, as root without a capability', async () => {
    await expectToScrape('task-definition.json', { 'docker-socket': socketPath });
  });

  it('runs behind the socket proxy, not as root', async () => {
    await using proxy = await startSocketProxy();
    await expectToScrape('task-definition-socket-proxy.json', {
      'docker-socket': socketPath,
      'filtered-socket': dirname(proxy.socket),
    });
  });
});
