/**
 * CPU time of fetching through docker exec: one exec per fetch, compared with one exec session per container.
 *
 *   node bench/exec-cost.ts [--targets 20] [--scrapes 10]
 *
 * Needs a Docker engine on a unix socket and root (to see its processes). Exits with 1 if sessions take more than a quarter of
 * the CPU time.
 */
import { parseArgs } from 'node:util';
import type { FetchRequest } from '../src/domain/fetching/metrics-fetcher.ts';
import { startTargets } from '../test/support/containers.ts';
import { EXEC_TECHNIQUES, RealFetcher, type ExecTechnique } from '../test/support/docker/real-engine.ts';
import { EngineCpu, type CpuSeconds } from './engine-cpu.ts';

const LEAST_RATIO = 4;
const SAMPLES = 500;

interface Cost {
  /** CPU per target and scrape. */
  readonly cpuMs: CpuSeconds;
  readonly ownCpuMs: number;
  readonly wallMs: readonly number[];
}

async function measure(technique: ExecTechnique, ids: readonly string[], scrapes: number): Promise<Cost> {
  await using fetcher = new RealFetcher(technique);
  const limits: Partial<FetchRequest> = { timeoutMs: 60_000 };
  const scrape = async (): Promise<void> => {
    const bodies = await Promise.all(ids.map(async (id) => fetcher.fetch(id, '9100/metrics', limits)));
    const wrong = bodies.find((body) => !body.startsWith('bench_total'));
    if (wrong !== undefined) throw new Error(`a fetch failed: ${wrong}`);
  };
  await scrape();
  const cpu = await EngineCpu.of(ids);
  const ownBefore = process.cpuUsage();
  const before = cpu.used();
  const wallMs: number[] = [];
  for (let i = 0; i < scrapes; i++) {
    const startedMs = performance.now();
    await scrape();
    wallMs.push(performance.now() - startedMs);
  }
  const after = cpu.used();
  const own = process.cpuUsage(ownBefore);
  const fetches = ids.length * scrapes;
  const perFetchMs = (seconds: number): number => (seconds * 1000) / fetches;
  return {
    cpuMs: {
      engine: perFetchMs(after.engine - before.engine),
      shims: perFetchMs(after.shims - before.shims),
      containers: perFetchMs(after.containers - before.containers),
    },
    ownCpuMs: (own.user + own.system) / 1000 / fetches,
    wallMs: wallMs.toSorted((a, b) => a - b),
  };
}

function totalMs({ cpuMs }: Cost): number {
  return cpuMs.engine + cpuMs.shims + cpuMs.containers;
}

function printRow(title: string, exec: number, session: number): void {
  const cells = [exec, session].map((value) => value.toFixed(1).padStart(10));
  console.log(`${title.padEnd(52)}${cells.join('')}${(exec / session).toFixed(1).padStart(8)} x`);
}

const { values } = parseArgs({
  options: { targets: { type: 'string', default: '20' }, scrapes: { type: 'string', default: '10' } },
});
const [count, scrapes] = [Number(values.targets), Number(values.scrapes)];
const body = Array.from({ length: SAMPLES }, (_value, i) => `bench_total{series="${i}"} ${i}\n`).join('');
await using targets = await startTargets(
  Array.from({ length: count }, () => ({ endpoints: null, serves: { body } })),
);
const ids = targets.containers.map((container) => container.getId());
const costs = new Map<ExecTechnique, Cost>();
for (const technique of EXEC_TECHNIQUES) costs.set(technique, await measure(technique, ids, scrapes));
const [exec, session] = [costs.get('exec'), costs.get('session')];
if (exec === undefined || session === undefined) throw new Error('not measured');

console.log(`${count} containers, ${scrapes} scrapes, ${SAMPLES} samples each\n`);
console.log(`${' '.repeat(52)}${'exec'.padStart(10)}${'session'.padStart(10)}`);
printRow('CPU per target and scrape, ms', totalMs(exec), totalMs(session));
printRow('  dockerd and containerd', exec.cpuMs.engine, session.cpuMs.engine);
printRow('  shims, runc, and what an exec runs', exec.cpuMs.shims, session.cpuMs.shims);
printRow(
  '  inside the containers (target; session with curl)',
  exec.cpuMs.containers,
  session.cpuMs.containers,
);
printRow('CPU of the exporter per target and scrape, ms', exec.ownCpuMs, session.ownCpuMs);
const median = Math.floor(scrapes / 2);
printRow('wall time per scrape, ms (median)', exec.wallMs[median] ?? 0, session.wallMs[median] ?? 0);
printRow('wall time per scrape, ms (longest)', exec.wallMs.at(-1) ?? 0, session.wallMs.at(-1) ?? 0);
if (totalMs(exec) < LEAST_RATIO * totalMs(session)) {
  console.log(`\nan exec per fetch takes less than ${LEAST_RATIO} times as much CPU as sessions`);
  process.exitCode = 1;
}
