import { once } from 'node:events';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { DemoServices, WORKING_SERVICES } from '../../script/lib/demo-services.ts';
import { buildProductImage } from '../support/product-image.ts';
import { checkExposition, samples, scrape, targetUp } from '../support/scrape.ts';

const docker = new Docker();
const SOCKET = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');
const MEBIBYTE = 2 ** 20;

interface RunningContainer extends AsyncDisposable {
  readonly container: Docker.Container;
  readonly url: string;
}

/** docker run --read-only --memory=128m --volume SOCKET:/var/run/docker.sock, with the socket's group or without it. */
async function runExporter(image: string, groups: readonly string[]): Promise<RunningContainer> {
  const container = await docker.createContainer({
    Image: image,
    HostConfig: {
      ReadonlyRootfs: true,
      Memory: 128 * MEBIBYTE,
      MemorySwap: 128 * MEBIBYTE,
      Binds: [`${SOCKET}:/var/run/docker.sock`],
      GroupAdd: [...groups],
      CapDrop: ['ALL'],
    },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  return {
    container,
    url: `http://${NetworkSettings.Networks['bridge']!.IPAddress}:9102`,
    async [Symbol.asyncDispose]() {
      await container.remove({ force: true });
    },
  };
}

async function isAlive({ url, container }: RunningContainer): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const isAnswering = await fetch(`${url}/-/healthy`, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    );
    if (isAnswering?.ok) return;
    await sleep(100);
  }
  throw new Error(`the exporter doesn't answer; it wrote:\n${await logOf(container)}`);
}

async function logOf(container: Docker.Container): Promise<string> {
  return (await container.logs({ stdout: true, stderr: true })).toString('utf8');
}

async function exitCodeOf(container: Docker.Container, command: readonly string[]): Promise<number | null> {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  await once(stream.resume(), 'end');
  return (await exec.inspect()).ExitCode;
}

describe('the image', () => {
  const socketGroup = String(statSync(SOCKET).gid);
  let image: string;
  let config: Docker.ImageInspectInfo['Config'];

  beforeAll(async () => {
    image = await buildProductImage(docker);
    config = (await docker.getImage(image).inspect()).Config;
  }, 1_200_000);

  it('runs as a numeric user that is not root', () => {
    expect(config.User).toMatch(/^[1-9][0-9]*:[1-9][0-9]*$/);
  });

  it('says what it is', () => {
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'ecs-service-metrics-exporter',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.version': '9.8.7-test',
    });
  });

  it('holds no shell and no package manager', async () => {
    const container = await docker.createContainer({ Image: image });
    try {
      for (const path of [
        '/bin/sh',
        '/sbin/apk',
        '/usr/bin/apt',
        '/usr/local/bin/npm',
        '/usr/local/lib/node_modules',
      ]) {
        await expect(container.infoArchive({ path })).rejects.toMatchObject({ statusCode: 404 });
      }
    } finally {
      await container.remove();
    }
  });

  it("serves the demo's containers with a read-only root, 128 MiB and the socket", async () => {
    await using demo = new DemoServices(() => undefined);
    await demo.start();
    await using running = await runExporter(image, [socketGroup]);
    await isAlive(running);
    const { status, text } = await scrape(`${running.url}/metrics`);
    expect(status).toBe(200);
    checkExposition(text);
    for (const name of WORKING_SERVICES) {
      expect(targetUp(text, name)).toBe(1);
      expect(
        samples(text).filter((line) => line.includes(`{container_name="${name}"`)).length,
      ).toBeGreaterThan(1);
    }
    const [test, ...command] = (config.Healthcheck as { Test: string[] }).Test;
    expect(test).toBe('CMD');
    expect(await exitCodeOf(running.container, command)).toBe(0);
    await running.container.stop({ t: 20 });
    const { State } = await running.container.inspect();
    expect(State).toMatchObject({ ExitCode: 0, OOMKilled: false });
  });

  it('says which group to add where it may not open the socket', async () => {
    await using running = await runExporter(image, []);
    await isAlive(running);
    const { text } = await scrape(`${running.url}/metrics`);
    expect(samples(text, 'ecs_service_metrics_exporter_docker_up')).toEqual([
      'ecs_service_metrics_exporter_docker_up 0',
    ]);
    const log = await logOf(running.container);
    expect(log).toContain(`--group-add ${socketGroup}`);
    expect(log).toContain(`:${socketGroup}\\"`);
  });
});
