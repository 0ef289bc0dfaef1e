/**
 * Memory and wake-ups of an idle exporter, and the time from its start to its first /metrics. It uses the Docker engine at
 * DOCKER_HOST, if there is one.
 *
 *   node bench/idle.ts [--seconds 60]
 *
 * Needs the built program (npm run build). Exits with 1 if a limit is exceeded.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startProgram } from '../test/support/program.ts';
import { median } from './load.ts';
import { readMemory } from './soak/memory.ts';

const STARTS = 5;
const PROMISES = { 'RssAnon MiB': 45, 'RSS MiB': 95, 'wake-ups in 60 s': 120, 'start ms': 1000 };

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);

/** Voluntary context switches of all threads: about one for each time that the process woke up. */
function wakeUps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))
    .map((status) => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0))
    .reduce((sum, count) => sum + count, 0);
}

const startsMs: number[] = [];
for (let start = 0; start < STARTS; start++) {
  const startedMs = performance.now();
  const started = await startProgram('dist/main.js', '/metrics', { LOG_LEVEL: 'error' });
  startsMs.push(performance.now() - startedMs);
  await started[Symbol.asyncDispose]();
}

await using exporter = await startProgram('dist/main.js', '/metrics', { LOG_LEVEL: 'error' });
await sleep(3000);
const before = wakeUps(exporter.pid);
await sleep(seconds * 1000);
const woken = wakeUps(exporter.pid) - before;
const memory = readMemory(exporter.pid);
const figures = {
  'RssAnon MiB': memory['RssAnon MiB'],
  'RSS MiB': memory['RSS MiB'],
  'wake-ups in 60 s': Math.round((woken * 60) / seconds),
  'start ms': Math.round(median(startsMs)),
};
console.table(
  Object.entries(figures).map(([what, figure]) => ({
    what,
    figure,
    'at most': PROMISES[what as keyof typeof PROMISES],
  })),
);
const isBroken = Object.entries(figures).some(
  ([what, figure]) => figure > PROMISES[what as keyof typeof PROMISES],
);
process.exitCode = isBroken ? 1 : 0;
