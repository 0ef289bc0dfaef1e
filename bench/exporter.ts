/**
 * The whole exporter in http mode against two null mergers, which only fetch and concatenate, over new connections and over kept
 * ones as the exporter does: time of one GET /metrics, CPU and memory, for several loads. All are asked in turns, by the same
 * client, for the same targets.
 *
 *   node bench/exporter.ts [--rounds 40] [--load 50x2000]… [--load 50xservices]… [--max-ratio 5]
 *
 * Needs the built program (npm run build). Exits with 1 where the exporter takes more than so many times as long as the null
 * merger with kept connections at 50 targets of 2000 samples.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Targets } from './http-targets.ts';
import { freePort } from '../test/support/program.ts';
import { median, quantile } from './load.ts';
import { readMemory } from './soak/memory.ts';

const WARM_UP_ROUNDS = 10;
const MEMORY_ROUNDS = 5;
const TICK_MS = 10;
const ACCEPT = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3';
const LOADS = ['50xservices', '10x1000', '50x2000', '100x5000', '4x250000'];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    load: { type: 'string', multiple: true, default: LOADS },
    'max-ratio': { type: 'string', default: '5' },
  },
});

interface Subject {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
}

interface Figures {
  readonly wallMs: number[];
  cpuTicks: number;
  peakAnon: number;
}

/** Asks again and again over one connection, as Prometheus does. */
class Scraper {
  readonly #socket: Socket;
  readonly #buffer = Buffer.alloc(256 * 1024);
  #left = 0;
  #isInBody = false;
  #settled = Promise.withResolvers<undefined>();

  constructor(port: number) {
    const callback = (byteCount: number): boolean => {
      this.#read(this.#buffer.subarray(0, byteCount));
      return true;
    };
    this.#socket = connect({ host: '127.0.0.1', port, onread: { buffer: this.#buffer, callback } });
    this.#socket.on('error', (error) => this.#settled.reject(error));
    this.#socket.on('close', () => this.#settled.reject(new Error('the connection was closed')));
  }

  /** One GET /metrics. */
  async scrape(): Promise<void> {
    this.#isInBody = false;
    this.#settled = Promise.withResolvers();
    this.#socket.write(`GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${ACCEPT}\r\n\r\n`);
    await this.#settled.promise;
  }

  close(): void {
    this.#settled.promise.catch(() => undefined);
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    let byteCount = bytes.length;
    if (!this.#isInBody) {
      const head = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n') + 4);
      const [, length = ''] = /Content-Length: (\d+)/i.exec(head) ?? [];
      if (!head.startsWith('HTTP/1.1 200') || length === '') this.#settled.reject(new Error(head));
      this.#left = Number(length);
      this.#isInBody = true;
      byteCount -= head.length;
    }
    this.#left -= byteCount;
    if (this.#left <= 0) this.#settled.resolve(undefined);
  }
}

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function untilServing(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('the exporter has ended');
    const scraper = new Scraper(port);
    const isServing = await scraper.scrape().then(
      () => true,
      () => false,
    );
    scraper.close();
    if (isServing) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts targets, the exporter and the null merger, and calls back with what is to be compared. */
async function withSubjects(
  targetCount: number,
  samples: string,
  measure: (subjects: readonly Subject[]) => Promise<void>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const targets = fork(new URL('http-targets.ts', import.meta.url), [String(targetCount), samples]);
  const [{ ports, allBytes }] = (await once(targets, 'message')) as [Targets];
  const nullMergers: (Subject & { readonly child: ChildProcess })[] = [];
  for (const connections of ['new', 'kept']) {
    const child = fork(new URL('null-merger.ts', import.meta.url), [connections, ...ports.map(String)]);
    const [port] = (await once(child, 'message')) as [number];
    nullMergers.push({ name: `null merger, ${connections} connections`, pid: child.pid ?? 0, port, child });
  }
  const port = await freePort();
  const file = join(folder, 'targets.json');
  const groups = ports.map((targetPort, i) => ({
    targets: [`127.0.0.1:${targetPort}`],
    labels: { container_name: `service-${i}` },
  }));
  writeFileSync(file, JSON.stringify(groups));
  const exporter = spawn(process.execPath, [join(import.meta.dirname, '../dist/main.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      DISCOVERY: 'file',
      DISCOVERY_FILES: file,
      HTTP_LISTEN_ADDRESS: '127.0.0.1',
      HTTP_LISTEN_PORT: String(port),
      TARGET_BODY_SIZE_LIMIT: '64MiB',
      SCRAPE_BODY_SIZE_LIMIT: '1GiB',
      LOG_LEVEL: 'error',
    },
  });
  try {
    await untilServing(port, exporter);
    await measure([{ name: 'exporter', pid: exporter.pid ?? 0, port }, ...nullMergers]);
    return allBytes / 1e6;
  } finally {
    exporter.kill();
    for (const { child } of nullMergers) child.disconnect();
    targets.disconnect();
    await once(exporter, 'exit');
    rmSync(folder, { recursive: true });
  }
}

async function measured(
  subjects: readonly Subject[],
  rounds: number,
): Promise<readonly (Subject & Figures)[]> {
  const results = subjects.map((subject) => ({
    ...subject,
    scraper: new Scraper(subject.port),
    wallMs: [] as number[],
    cpuTicks: 0,
    peakAnon: 0,
  }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const result of results) {
      const ticks = cpuTicks(result.pid);
      const startedMs = performance.now();
      await result.scraper.scrape();
      if (round < 0) continue;
      result.wallMs.push(performance.now() - startedMs);
      result.cpuTicks += cpuTicks(result.pid) - ticks;
    }
  }
  // Looking at the memory all the time takes time: not in the rounds that are timed.
  for (const result of results) {
    const timer = setInterval(() => {
      result.peakAnon = Math.max(result.peakAnon, readMemory(result.pid)['RssAnon MiB']);
    }, 2);
    for (let round = 0; round < MEMORY_ROUNDS; round++) await result.scraper.scrape();
    clearInterval(timer);
    result.scraper.close();
  }
  return results;
}

const maxRatio = Number(values['max-ratio']);
const ratios: number[] = [];
for (const load of values.load) {
  const [, targets = '', samples = ''] = /^(\d+)x(\d+|services)$/.exec(load) ?? [];
  if (samples === '') throw new Error(`--load ${load}: write 50x2000 or 50xservices`);
  const targetCount = Number(targets);
  // Long rounds need not be many.
  const rounds = Math.max(
    5,
    Math.round(Number(values.rounds) * Math.min(1, 200_000 / (targetCount * (Number(samples) || 1000)))),
  );
  const rows: Record<string, string | number>[] = [];
  const megabytes = await withSubjects(targetCount, samples, async (subjects) => {
    const results = await measured(subjects, rounds);
    const [exporter = NaN, ...floors] = results.map(({ wallMs }) => median(wallMs));
    if (load === '50x2000') ratios.push(exporter / (floors.at(-1) ?? NaN));
    for (const { name, pid, wallMs, cpuTicks: ticks, peakAnon } of results) {
      rows.push({
        name,
        'median ms': median(wallMs).toFixed(1),
        'p99 ms': quantile(wallMs, 0.99).toFixed(1),
        'CPU ms': ((ticks * TICK_MS) / wallMs.length).toFixed(1),
        'exporter / this': (exporter / median(wallMs)).toFixed(2),
        'peak RssAnon MiB': peakAnon,
        'peak RSS MiB': readMemory(pid)['peak RSS MiB'],
      });
    }
  });
  console.log(`${load}: ${megabytes.toFixed(1)} MB, ${rounds} rounds`);
  console.table(rows);
}
if (ratios.some((ratio) => ratio > maxRatio)) {
  console.error(`the exporter takes more than ${maxRatio} times as long as the null merger`);
  process.exitCode = 1;
}
