import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { ImageProvider } from '../../script/lib/images.ts';
import { startPrivateEngine, type PrivateEngine } from '../../script/lib/private-engine.ts';
import type { ListedContainer } from '../../src/adapters/docker/connection/listed-container.ts';
import { programsIn } from '../support/container-state.ts';
import { startTargets, uniqueLabel } from '../support/containers.ts';
import { ScriptedEngine, type ScriptedEngineOptions } from '../support/docker/scripted-engine.ts';
import { TestAuthority } from '../support/openssl.ts';
import { startExporter } from '../support/program.ts';
import { RawServer, serving } from '../support/raw-server.ts';
import { checkExposition, problemOf, samples, scrape, targetUp } from '../support/scrape.ts';
import { until } from '../support/until.ts';

const DOCKER_UP = 'ecs_service_metrics_exporter_docker_up';
const BODY = 'steady_total 7\n';
const OK = `HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

function dockerUp(text: string): string[] {
  return samples(text, DOCKER_UP).map((line) => line.slice(DOCKER_UP.length + 1));
}

/** A container on the host's network, as the engine lists it. */
function listed(name: string, port: number): ListedContainer {
  return {
    Id: Buffer.from(name).toString('hex').padEnd(64, '0'),
    Names: [`/${name}`],
    Image: 'example',
    Created: 1_795_340_000,
    Labels: {
      'container-exposes-metrics': `${port}/metrics`,
      'com.amazonaws.ecs.container-name': name,
    },
    HostConfig: { NetworkMode: 'host' },
  };
}

async function scriptedEngine(port: number, options: ScriptedEngineOptions = {}): Promise<ScriptedEngine> {
  return ScriptedEngine.start({ containers: [listed('steady', port)], ...options });
}

describe('an engine that misbehaves', () => {
  const HTTP = { FETCH_MODE: 'http', HOST_NETWORK_ADDRESS: '127.0.0.1' };

  it.each([
    ['http', 1],
    ['exec', 0],
  ])('frozen, in %s mode: an answer in time, docker_up 0, target_up %i', async (mode, isUp) => {
    await using target = await RawServer.start(serving(OK));
    await using engine = await scriptedEngine(target.port, {
      run: (exec) => exec.stdout('curl\n').stdout(`${BODY}\n200 15 text/plain`).end(0),
    });
    await using exporter = await startExporter({ ...HTTP, FETCH_MODE: mode, DOCKER_HOST: engine.host });
    expect(dockerUp((await scrape(`${exporter.url}/metrics`, 10)).text)).toEqual(['1']);
    for (const operation of ['list', 'ping', 'exec_create'] as const) {
      engine.always(operation, { kind: 'freeze' });
    }
    const { status, text, durationMs } = await scrape(`${exporter.url}/metrics`, 20);
    expect(status).toBe(200);
    checkExposition(text);
    // 2 s are for the engine, and the budget is far more; the rest is this machine's.
    expect(durationMs).toBeLessThan(2000 + 6000);
    expect(dockerUp(text)).toEqual(['0']);
    expect(targetUp(text, 'steady')).toBe(isUp);
    if (mode === 'exec') expect(problemOf(text, 'steady')).toBe('docker_unavailable');
    else expect(samples(text, 'steady_total')).toHaveLength(1);
    expect((await fetch(`${exporter.url}/-/ready`)).status).toBe(503);
  });

  it('stopped and started again: no restart of ours, no connection that is stale', async () => {
    await using target = await RawServer.start(serving(OK));
    await using engine = await scriptedEngine(target.port);
    await using exporter = await startExporter({ ...HTTP, DOCKER_HOST: engine.host });
    const expectAnswer = async (up: '0' | '1') => {
      const { text } = await scrape(`${exporter.url}/metrics`, 10);
      expect(dockerUp(text)).toEqual([up]);
      expect(targetUp(text, 'steady')).toBe(1);
    };
    await expectAnswer('1');
    await engine.stop();
    await expectAnswer('0');
    await engine.listen();
    await expectAnswer('1');
  });

  it('refuses API versions below 1.44, as Docker 29 does', async () => {
    await using target = await RawServer.start(serving(OK));
    await using engine = await scriptedEngine(target.port, { minApi: '1.44', api: '1.52' });
    await using exporter = await startExporter({ ...HTTP, DOCKER_HOST: engine.host });
    const { text } = await scrape(`${exporter.url}/metrics`, 10);
    expect(samples(text, 'steady_total')).toEqual(['steady_total{container_name="steady"} 7']);
  });

  it('never ends the stream of an exec: a timeout, in time', async () => {
    await using engine = await scriptedEngine(9100, { run: (exec) => void exec.stdout('curl\n') });
    await using exporter = await startExporter({ DOCKER_HOST: engine.host, TARGET_TIMEOUT: '1s' });
    const { text, durationMs } = await scrape(`${exporter.url}/metrics`, 20);
    expect(problemOf(text, 'steady')).toBe('timeout');
    expect(durationMs).toBeLessThan(10_000);
  });
});

describe('a socket proxy that lets GET /containers/json through and nothing else', () => {
  it('is all that http mode needs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socket-proxy-'));
    const socketPath = join(folder, 'docker.sock');
    const refused: string[] = [];
    const engineSocket = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');
    const proxy = createServer((request, response) => {
      const { method = '', url = '' } = request;
      if (method !== 'GET' || !/^(\/v[0-9.]+)?\/containers\/json(\?|$)/.test(url)) {
        refused.push(`${method} ${url}`);
        response.writeHead(403).end();
        return;
      }
      const upstream = httpRequest({ socketPath: engineSocket, path: url }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      upstream.end();
    }).listen(socketPath);
    await once(proxy, 'listening');
    const metricsLabel = uniqueLabel();
    await using targets = await startTargets([{ metricsLabel, ecsName: 'steady', serves: { body: BODY } }]);
    await using exporter = await startExporter({
      DOCKER_HOST: `unix://${socketPath}`,
      DOCKER_LABEL_HAS_METRICS: metricsLabel,
      FETCH_MODE: 'http',
    });
    const { text } = await scrape(`${exporter.url}/metrics`, 10);
    expect(samples(text, 'steady_total')).toEqual(['steady_total{container_name="steady"} 7']);
    expect((await fetch(`${exporter.url}/-/ready`)).status).toBe(200);
    expect(refused).toEqual([]);
    expect(targets.containers).toHaveLength(1);
    proxy.close();
    rmSync(folder, { recursive: true });
  });
});

describe('a real engine that restarts with --live-restore, reached by TLS', () => {
  let folder: string;
  let engine: PrivateEngine;
  let docker: Docker;
  let port: number;
  let id: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'engine-tls-'));
    const authority = new TestAuthority(folder);
    const server = authority.issue('server', 'IP:127.0.0.1', 'serverAuth');
    const client = authority.issue('client', 'DNS:client', 'clientAuth');
    copyFileSync(authority.cert, join(folder, 'ca.pem'));
    copyFileSync(client.cert, join(folder, 'cert.pem'));
    copyFileSync(client.key, join(folder, 'key.pem'));
    port = await freePort();
    engine = await startPrivateEngine([
      ...['--live-restore', '--host', `tcp://127.0.0.1:${port}`, '--tlsverify'],
      ...['--tlscacert', authority.cert, '--tlscert', server.cert, '--tlskey', server.key],
    ]);
    docker = new Docker({ socketPath: engine.socketPath });
    const container = await docker.createContainer({
      Image: await new ImageProvider({ engine: docker }).provide('node'),
      Cmd: [
        'node',
        '--eval',
        `require('http').createServer((q, r) => r.end('${BODY.trim()}\\n')).listen(9100)`,
      ],
      Labels: { 'container-exposes-metrics': '9100', 'com.amazonaws.ecs.container-name': 'steady' },
    });
    await container.start();
    id = container.id;
  });

  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it.each(['exec', 'http'])('in %s mode: no scrape fails, and the samples are back at once', async (mode) => {
    await using exporter = await startExporter({
      DOCKER_HOST: `tcp://127.0.0.1:${port}`,
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: folder,
      FETCH_MODE: mode,
      TARGET_TIMEOUT: '20s',
    });
    const isUp = async () => targetUp((await scrape(`${exporter.url}/metrics`, 10)).text, 'steady') === 1;
    await until(isUp, 'the target never came up');
    await engine.stopDaemon();
    const down = await scrape(`${exporter.url}/metrics`, 10);
    expect(down.status).toBe(200);
    expect(dockerUp(down.text)).toEqual(['0']);
    expect(targetUp(down.text, 'steady')).toBe(mode === 'http' ? 1 : 0);
    const during = scrape(`${exporter.url}/metrics`, 10);
    await engine.startDaemon();
    expect((await during).status).toBe(200);
    const { text } = await scrape(`${exporter.url}/metrics`, 30);
    expect(dockerUp(text)).toEqual(['1']);
    expect(targetUp(text, 'steady')).toBe(1);
    // The session of before keeps its stdin open with such an engine: one, not one for each scrape.
    for (let i = 0; i < 3; i++) await scrape(`${exporter.url}/metrics`, 10);
    const isShell = (name: string): boolean => name === 'sh' || name === 'timeout';
    await until(
      async () => (await programsIn(id, docker)).filter(isShell).length <= (mode === 'exec' ? 2 : 1),
      'there are sessions that nobody uses',
    );
  });
});

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
