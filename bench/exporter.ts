/**
 * The whole exporter in http mode against two null mergers, which only fetch and concatenate, over new connections and over kept
 * ones as the exporter does: time of one GET /metrics, CPU and memory, for several loads. All are asked in turns, by the same
 * client, for the same targets.
 *
 *   node bench/exporter.ts [--rounds 40] [--load 50x2000mixed]… [--load 50xservices]… [--max-ratio 5] [--against DIR]
 *   node bench/exporter.ts --paced [--load 50x2000mixed]… [--against DIR]
 *
 * Needs the built program (npm run build). `--against` names a built checkout of another version, which is asked in turns with this
 * one. Exits with 1 where the exporter takes more than so many times as long as the null merger with kept connections at 50 targets
 * of 2000 samples; the time in which they had no CPU is not counted for that.
 *
 * `--paced` asks fresh processes every two seconds, as a Prometheus does, and shows the CPU time of the first scrape, and the
 * medians of scrapes 10 to 40: little code has been compiled then, and the caches are cold.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Targets } from './http-targets.ts';
import { freePort } from '../test/support/program.ts';
import { cpuWaitMs } from './cpu-wait.ts';
import { median, quantile, SAMPLES } from './load.ts';
import { readMemory } from './soak/memory.ts';

const WARM_UP_ROUNDS = 10;
const MEMORY_ROUNDS = 5;
const PACE_MS = 2000;
const PACED_ROUNDS = 40;
const FIRST_PACED = 10;
const NANOSECONDS = 1e6;
const ACCEPT = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3';
const LOADS = ['50x2000mixed', '10x1000mixed', '50xservices', '50x2000', '100x5000', '4x250000'];
const PACED_LOADS = ['50x2000mixed', '50xservices'];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    load: { type: 'string', multiple: true },
    'max-ratio': { type: 'string', default: '5' },
    against: { type: 'string' },
    paced: { type: 'boolean', default: false },
  },
});

const CHECKOUTS: readonly (readonly [name: string, checkout: string])[] = [
  ['exporter', join(import.meta.dirname, '..')],
  ...(values.against === undefined ? [] : [['the other version', resolve(values.against)] as const]),
];

interface Subject {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
}

interface Figures {
  readonly wallMs: number[];
  /** The same, less the time in which the process was ready to run and had no CPU. */
  readonly ownMs: number[];
  /** Of each round: CPU time of all threads. */
  readonly cpuMs: number[];
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

/** CPU time of all threads that the process has now (sched-stats(5), in nanoseconds: /proc/PID/stat counts in steps of 10 ms). */
function cpuMs(pid: number): number {
  const folder = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(folder).map((thread) =>
    Number(readFileSync(join(folder, thread, 'schedstat'), 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / NANOSECONDS;
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
    await sleep(50);
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
  const file = join(folder, 'targets.json');
  const groups = ports.map((targetPort, i) => ({
    targets: [`127.0.0.1:${targetPort}`],
    labels: { container_name: `service-${i}` },
  }));
  writeFileSync(file, JSON.stringify(groups));
  const exporters: (Subject & { readonly child: ChildProcess })[] = [];
  try {
    for (const [name, checkout] of CHECKOUTS) {
      const port = await freePort();
      const child = startExporter(checkout, file, port);
      exporters.push({ name, pid: child.pid ?? 0, port, child });
      // The first scrape is one of those that are measured.
      await (values.paced ? untilAlive(port) : untilServing(port, child));
    }
    await measure([...exporters, ...nullMergers]);
    return allBytes / 1e6;
  } finally {
    for (const { child } of nullMergers) child.disconnect();
    targets.disconnect();
    for (const { child } of exporters) {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
    }
    rmSync(folder, { recursive: true });
  }
}

function startExporter(checkout: string, file: string, port: number): ChildProcess {
  return spawn(process.execPath, [join(checkout, 'dist/main.js')], {
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
}

async function untilAlive(port: number): Promise<void> {
  const isAlive = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/-/healthy`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isAlive())) await sleep(50);
}

async function measured(
  subjects: readonly Subject[],
  rounds: number,
): Promise<readonly (Subject & Figures)[]> {
  const results = subjects.map((subject) => ({
    ...subject,
    scraper: new Scraper(subject.port),
    wallMs: [] as number[],
    ownMs: [] as number[],
    cpuMs: [] as number[],
    peakAnon: 0,
  }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const result of results) {
      const usedMs = cpuMs(result.pid);
      const waitedMs = cpuWaitMs(result.pid);
      const startedMs = performance.now();
      await result.scraper.scrape();
      if (round < 0) continue;
      const wallMs = performance.now() - startedMs;
      result.wallMs.push(wallMs);
      result.ownMs.push(wallMs - (cpuWaitMs(result.pid) - waitedMs));
      result.cpuMs.push(cpuMs(result.pid) - usedMs);
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

/** The same for fresh processes that have time between two scrapes. */
async function measuredAtPace(
  subjects: readonly Subject[],
): Promise<readonly (Subject & Omit<Figures, 'peakAnon' | 'ownMs'>)[]> {
  const results = subjects.map((subject) => ({
    ...subject,
    scraper: new Scraper(subject.port),
    wallMs: [] as number[],
    cpuMs: [] as number[],
  }));
  for (let round = 0; round < PACED_ROUNDS; round++) {
    for (const { pid, scraper, wallMs, cpuMs: cpuTimes } of results) {
      const usedMs = cpuMs(pid);
      const startedMs = performance.now();
      await scraper.scrape();
      wallMs.push(performance.now() - startedMs);
      cpuTimes.push(cpuMs(pid) - usedMs);
    }
    await sleep(PACE_MS);
  }
  for (const { scraper } of results) scraper.close();
  return results;
}

const maxRatio = Number(values['max-ratio']);
const ratios: number[] = [];
for (const load of values.load ?? (values.paced ? PACED_LOADS : LOADS)) {
  const [, targets = '', samples = ''] = /^(\d+)x(.+)$/.exec(load) ?? [];
  if (!SAMPLES.test(samples)) throw new Error(`--load ${load}: write 50x2000, 50x2000mixed or 50xservices`);
  const targetCount = Number(targets);
  if (values.paced) {
    await withSubjects(targetCount, samples, async (subjects) => {
      const results = await measuredAtPace(subjects);
      console.log(`${load}, a scrape every ${PACE_MS / 1000} s`);
      console.table(
        results.map(({ name, wallMs, cpuMs: cpuTimes }) => ({
          name,
          'first scrape, CPU ms': cpuTimes[0]?.toFixed(1),
          'CPU ms': median(cpuTimes.slice(FIRST_PACED)).toFixed(1),
          'median ms': median(wallMs.slice(FIRST_PACED)).toFixed(1),
        })),
      );
    });
    continue;
  }
  // Long rounds need not be many.
  const rounds = Math.max(
    5,
    Math.round(
      Number(values.rounds) * Math.min(1, 200_000 / (targetCount * (Number.parseInt(samples, 10) || 1000))),
    ),
  );
  const rows: Record<string, string | number>[] = [];
  const megabytes = await withSubjects(targetCount, samples, async (subjects) => {
    const results = await measured(subjects, rounds);
    const exporter = median(results[0]?.wallMs ?? []);
    const owns = results.map(({ ownMs }) => median(ownMs));
    if (load === '50x2000') ratios.push((owns[0] ?? NaN) / (owns.at(-1) ?? NaN));
    for (const { name, pid, wallMs, cpuMs: cpuTimes, peakAnon } of results) {
      rows.push({
        name,
        'median ms': median(wallMs).toFixed(1),
        'p99 ms': quantile(wallMs, 0.99).toFixed(1),
        'CPU ms': median(cpuTimes).toFixed(1),
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
