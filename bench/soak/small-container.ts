import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type Docker from 'dockerode';
import type { ImageProvider } from '../../script/lib/images.ts';
import type { PrivateEngine } from '../../script/lib/private-engine.ts';
import type { Verdict } from './judge.ts';
import { readMemory } from './memory.ts';
import { scrapeOnce, scrapeSteadily, type ScrapeRecord } from './scrape-steadily.ts';
import { addressOf } from './soak-targets.ts';
import { untilWhole } from './until-whole.ts';
import { Witness } from './witness.ts';

const ROOT = join(import.meta.dirname, '../..');
const SERVER = readFileSync(join(import.meta.dirname, 'large-targets.cjs'), 'utf8');
const TARGETS = 50;
const SAMPLES = 2000;
const LIMIT_BYTES = 128 * 2 ** 20;
/** Limit of the exporter's anonymous memory, including memory that it has not freed yet. */
const MAX_ANON_MIB = 100;
const EVERY_MS = 1000;
const TIMEOUT_SECONDS = 10;
const START_TIMEOUT_MS = 60_000;

/**
 * Runs the exporter in http mode in a container with 128 MiB and no swap, next to 50 labelled containers of 2000 samples each
 * (which share the network of one server container). Scrapes it as Prometheus does: every second, one scrape after the other.
 */
export async function soakSmallContainer(
  engine: PrivateEngine,
  docker: Docker,
  images: ImageProvider,
  seconds: number,
): Promise<Verdict> {
  const server = await startLargeTargets(docker, images);
  const { container, url } = await startExporter(engine, docker, images);
  const { State: started, RestartCount: startedCount } = await container.inspect();
  const options = { url, pid: started.Pid, timeoutSeconds: TIMEOUT_SECONDS };
  const address = await addressOf(server);
  await using witness = new Witness(async (signal) =>
    (await fetch(`http://${address}:9101/metrics`, { signal })).arrayBuffer(),
  );
  await untilWhole(async () => scrapeOnce(options), problemsOf, witness);
  const clients = AbortSignal.timeout(seconds * 1000);
  const pace = { everyMs: EVERY_MS, isSequential: true, wantsOpenMetrics: (nth: number) => nth % 2 === 1 };
  const scraping = scrapeSteadily({ ...options, ...pace }, clients);
  let peakAnon = 0;
  let memory = readMemory(started.Pid);
  while (!clients.aborted) {
    await sleep(100);
    try {
      memory = readMemory(started.Pid);
    } catch {
      // It has ended; `inspect` has the reason.
      break;
    }
    peakAnon = Math.max(peakAnon, memory['RssAnon MiB']);
  }
  const records = await scraping;
  const { State, RestartCount } = await container.inspect();
  const problems: string[] = [];
  if (!State.Running || State.OOMKilled || RestartCount > startedCount) {
    problems.push(`the exporter did not stay alive: ${JSON.stringify({ ...State, RestartCount })}`);
  }
  if (peakAnon > MAX_ANON_MIB) problems.push(`it took ${peakAnon} MiB (RssAnon), more than ${MAX_ANON_MIB}`);
  if (memory['swap MiB'] > 0) problems.push(`${memory['swap MiB']} MiB of it were swapped out`);
  for (const [nth, record] of records.entries()) {
    if (witness.sawStall(record)) continue;
    problems.push(...problemsOf(record).map((problem) => `answer ${nth}: ${problem}`));
  }
  await container.stop({ t: 20 });
  const { State: ended } = await container.inspect();
  if (ended.ExitCode !== 0) problems.push(`it ended with ${ended.ExitCode} on SIGTERM`);
  const durations = records.map(({ startMs, endMs }) => endMs - startMs).sort((a, b) => a - b);
  return {
    problems,
    figures: {
      answers: records.length,
      'median ms': Math.round(durations[durations.length >> 1] ?? 0),
      'max ms': Math.round(durations.at(-1) ?? 0),
      'peak RssAnon MiB': peakAnon,
      ...memory,
    },
  };
}

function problemsOf({ status, body, problem }: ScrapeRecord): readonly string[] {
  const count = status === 200 ? countSamples(gunzipSync(body)) : 0;
  return count === TARGETS * SAMPLES ? [] : [`${count} samples, status ${status} ${problem ?? ''}`];
}

function countSamples(text: Buffer): number {
  return text.toString('latin1').split('\nlarge_http_requests_duration_seconds_total{').length - 1;
}

async function startLargeTargets(docker: Docker, images: ImageProvider): Promise<Docker.Container> {
  const server = await docker.createContainer({
    Image: await images.provide('node'),
    Entrypoint: ['node', '--eval', SERVER],
    Env: [`TARGETS=${TARGETS}`, `SAMPLES=${SAMPLES}`],
  });
  await server.start();
  const image = await images.provide('wget');
  await Promise.all(
    Array.from({ length: TARGETS }, async (_, i) => {
      const container = await docker.createContainer({
        Image: image,
        Cmd: ['sleep', '86400'],
        HostConfig: { NetworkMode: `container:${server.id}` },
        Labels: {
          'container-exposes-metrics': `${9101 + i}/metrics`,
          'com.amazonaws.ecs.container-name': `large-${String(i).padStart(2, '0')}`,
        },
      });
      await container.start();
    }),
  );
  return server;
}

async function startExporter(
  engine: PrivateEngine,
  docker: Docker,
  images: ImageProvider,
): Promise<{ container: Docker.Container; url: string }> {
  const container = await docker.createContainer({
    Image: await images.provide('bare'),
    Cmd: ['node', '/app/dist/main.js'],
    Env: ['FETCH_MODE=http', 'DOCKER_HOST=unix:///engine/docker.sock', 'NODE_ENV=production'],
    HostConfig: {
      Memory: LIMIT_BYTES,
      MemorySwap: LIMIT_BYTES,
      ReadonlyRootfs: true,
      RestartPolicy: { Name: 'on-failure' },
      Binds: [
        `${engine.socketPath}:/engine/docker.sock`,
        ...['dist', 'node_modules', 'package.json'].map((name) => `${join(ROOT, name)}:/app/${name}:ro`),
      ],
    },
  });
  await container.start();
  const url = `http://${await addressOf(container)}:9102`;
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isAlive(url))) {
    if (performance.now() > deadline) {
      const log = (await container.logs({ stdout: true, stderr: true })).toString();
      throw new Error(`the exporter doesn't answer in its container; it wrote:\n${log}`);
    }
    await sleep(50);
  }
  return { container, url: `${url}/metrics` };
}

async function isAlive(url: string): Promise<boolean> {
  return fetch(`${url}/-/healthy`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
