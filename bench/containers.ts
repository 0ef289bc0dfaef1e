/**
 * The exporter in http mode in containers with little memory and no swap: for each load the time of one GET /metrics, plain and
 * gzipped in turns, and the peak of its memory. Every answer must have all samples.
 *
 *   npm run bench:containers
 *   node bench/containers.ts [--rounds 20]
 *
 * The latter needs the built program (npm run build) and DOCKER_HOST, an engine on this machine. Exits with 1 if a limit is exceeded.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Docker from 'dockerode';
import { ImageProvider } from '../script/lib/images.ts';
import type { Targets } from './http-targets.ts';
import { median } from './load.ts';
import { readMemory } from './soak/memory.ts';

const ROOT = join(import.meta.dirname, '..');
/** Occurs in every sample of a target and nowhere else. */
const VERSION_LABEL = Buffer.from('version="2.17.1"} ');
const START_TIMEOUT_MS = 60_000;
const MEBIBYTE = 2 ** 20;

type Encoding = 'identity' | 'gzip';

interface Load {
  readonly targets: number;
  readonly samples: number;
  readonly limitMib: number;
  readonly maxAnonMib: number;
  readonly env: readonly string[];
}

const LOADS: readonly Load[] = [
  { targets: 50, samples: 2000, limitMib: 128, maxAnonMib: 90, env: [] },
  { targets: 100, samples: 5000, limitMib: 256, maxAnonMib: 256, env: [] },
  {
    targets: 4,
    samples: 250_000,
    limitMib: 512,
    maxAnonMib: 512,
    env: ['TARGET_BODY_SIZE_LIMIT=64MiB'],
  },
];

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 2) throw new Error('--rounds: a whole number above 1');

const docker = new Docker();
const images = new ImageProvider({ engine: docker, log: (line) => process.stderr.write(`${line}\n`) });

interface Exporter extends AsyncDisposable {
  readonly container: Docker.Container;
  readonly url: string;
  readonly pid: number;
  /** The address at which the container reaches this machine. */
  readonly gateway: string;
}

async function startExporter(folder: string, { limitMib, env }: Load): Promise<Exporter> {
  const container = await docker.createContainer({
    Image: await images.provide('bare'),
    Cmd: ['node', '/app/dist/main.js'],
    Env: [
      'DISCOVERY=file',
      'DISCOVERY_FILES=/targets/targets.json',
      'NODE_ENV=production',
      // Generous, because the limit that counts here is the memory, not the time.
      'TARGET_TIMEOUT=60s',
      'SCRAPE_TIMEOUT=60s',
      ...env,
    ],
    HostConfig: {
      Memory: limitMib * MEBIBYTE,
      MemorySwap: limitMib * MEBIBYTE,
      ReadonlyRootfs: true,
      Binds: [
        `${folder}:/targets:ro`,
        ...['dist', 'package.json'].map((name) => `${ROOT}/${name}:/app/${name}:ro`),
      ],
    },
  });
  await container.start();
  const { State, NetworkSettings } = await container.inspect();
  const { IPAddress: address = '', Gateway: gateway = '' } = NetworkSettings.Networks['bridge'] ?? {};
  const url = `http://${address}:9102`;
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isAlive(url))) {
    if (performance.now() > deadline) throw new Error("the exporter doesn't answer in its container");
    await sleep(50);
  }
  return {
    container,
    url,
    pid: State.Pid,
    gateway,
    async [Symbol.asyncDispose]() {
      await container.remove({ force: true });
    },
  };
}

async function isAlive(url: string): Promise<boolean> {
  return fetch(`${url}/-/healthy`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function countSamples(text: Buffer): number {
  let count = 0;
  for (let at = 0; (at = text.indexOf(VERSION_LABEL, at)) !== -1; at++) count++;
  return count;
}

interface Result {
  readonly row: Readonly<Record<string, string | number>>;
  readonly problem: string | undefined;
}

async function measure(load: Load): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    await using exporter = await startExporter(folder, load);
    const args = [String(load.targets), String(load.samples), exporter.gateway];
    const child = fork(new URL('http-targets.ts', import.meta.url), args);
    try {
      const [{ ports }] = (await once(child, 'message')) as [Targets];
      const groups = ports.map((port, i) => ({
        targets: [`${exporter.gateway}:${port}`],
        labels: { container_name: `service-${i}` },
      }));
      writeFileSync(join(folder, 'targets.json'), JSON.stringify(groups));
      return await scrapeAgainAndAgain(exporter, load);
    } finally {
      child.disconnect();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function scrapeAgainAndAgain({ container, url, pid }: Exporter, load: Load): Promise<Result> {
  const { targets, samples, limitMib, maxAnonMib } = load;
  let memory = readMemory(pid);
  let peakAnonMib = 0;
  const timer = setInterval(() => {
    memory = readMemory(pid);
    peakAnonMib = Math.max(peakAnonMib, memory['RssAnon MiB']);
  }, 5);
  const durationsMs: Record<Encoding, number[]> = { identity: [], gzip: [] };
  let bytes = 0;
  let problem: string | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      const encoding: Encoding = round % 2 === 0 ? 'identity' : 'gzip';
      const startedMs = performance.now();
      const answer = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': encoding } });
      const text = Buffer.from(await answer.arrayBuffer());
      durationsMs[encoding].push(performance.now() - startedMs);
      bytes = text.length;
      const count = countSamples(text);
      if (count !== targets * samples)
        problem ??= `answer ${round} has ${count} samples, status ${answer.status}`;
    }
  } catch (error) {
    const { State } = await container.inspect();
    problem = `${String(error)}; the exporter's container: ${JSON.stringify(State)}`;
  } finally {
    clearInterval(timer);
  }
  if (peakAnonMib > maxAnonMib) problem ??= `more than ${maxAnonMib} MiB of anonymous memory`;
  if (memory['swap MiB'] > 0) problem ??= `${memory['swap MiB']} MiB were swapped out`;
  return {
    row: {
      load: `${targets} × ${samples}`,
      'answer MB': (bytes / 1e6).toFixed(1),
      'container MiB': limitMib,
      answers: durationsMs.identity.length + durationsMs.gzip.length,
      'plain median ms': median(durationsMs.identity).toFixed(0),
      'gzip median ms': median(durationsMs.gzip).toFixed(0),
      'peak RssAnon MiB': peakAnonMib,
    },
    problem,
  };
}

const results = [];
for (const load of LOADS) results.push(await measure(load));
console.table(results.map(({ row }) => row));
for (const { row, problem } of results) {
  if (problem === undefined) continue;
  console.error(`${row['load']}: ${problem}`);
  process.exitCode = 1;
}
