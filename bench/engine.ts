/**
 * What a merge costs beside a plain copy of the same bytes, and how its time grows with them.
 *
 *   node bench/engine.ts [--rounds 15]
 *
 * Merges 50 targets of 2000 samples and one of 250 000, each also with half as many samples. Exits with 1 where doubling takes more
 * than 2.2 times the CPU time, which other programs of the machine lengthen least.
 */
import { parseArgs } from 'node:util';
import { ByteScanMetricsRelabeler } from '../src/adapters/exposition/byte-scan-metrics-relabeler.ts';
import { negotiateFormat } from '../src/domain/exposition/format.ts';

const MAX_GROWTH = 2.2;
const WARM_UPS = 3;
const SERIES_PER_FAMILY = 100;
const TEXT_TYPE = 'text/plain; version=0.0.4';
const FORMAT = negotiateFormat('application/openmetrics-text;version=1.0.0', 'auto');

interface Load {
  readonly targets: number;
  readonly samples: number;
}

interface Times {
  readonly megabytes: number;
  readonly mergeMs: number;
  readonly mergeCpuMs: number;
  readonly copyMs: number;
}

const LOADS: readonly Load[] = [
  { targets: 50, samples: 2000 },
  { targets: 1, samples: 250_000 },
];
const relabeler = new ByteScanMetricsRelabeler();

/** What services have: counters, gauges and their labels. */
function bodyOf(samples: number): Buffer {
  const lines: string[] = [];
  for (let i = 0; i < samples; i++) {
    const family = Math.floor(i / SERIES_PER_FAMILY);
    const name = family % 2 === 0 ? `http_requests_${family}_total` : `queue_${family}_bytes`;
    if (i % SERIES_PER_FAMILY === 0) {
      lines.push(
        `# HELP ${name} What it counts.`,
        `# TYPE ${name} ${family % 2 === 0 ? 'counter' : 'gauge'}`,
      );
    }
    lines.push(`${name}{method="GET",route="/api/v1/items/${i % SERIES_PER_FAMILY}",code="200"} ${i}.5`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function merge(bodies: readonly Buffer[], samples: number): void {
  const merging = relabeler.start({ format: FORMAT, honorsLabels: false });
  bodies.forEach((body, rank) => {
    const labels = [{ name: 'container_name', value: `service-${rank}` }];
    const report = merging.add({ labels, body, contentType: TEXT_TYPE, sampleLimit: 0, rank });
    if (!report.ok || report.samples !== samples) throw new Error(`not merged: ${JSON.stringify(report)}`);
  });
  merging.finish().release();
}

function timed(action: () => void): number {
  const startedMs = performance.now();
  action();
  return performance.now() - startedMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Takes the loads, and the copies of their bytes, in turns, so that the machine's other work is in all of them. */
function measure(loads: readonly Load[], rounds: number): Times[] {
  const measured = loads.map(({ targets, samples }) => {
    const bodies = Array.from({ length: targets }, () => bodyOf(samples));
    const bytes = bodies.reduce((total, { length }) => total + length, 0);
    const copy = Buffer.alloc(bytes);
    return {
      samples,
      bodies,
      bytes,
      copy,
      mergesMs: [] as number[],
      cpusMs: [] as number[],
      copiesMs: [] as number[],
    };
  });
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const { samples, bodies, copy, mergesMs, cpusMs, copiesMs } of measured) {
      const cpuBefore = process.cpuUsage();
      const mergeMs = timed(() => merge(bodies, samples));
      const { user, system } = process.cpuUsage(cpuBefore);
      const copyMs = timed(() => {
        let at = 0;
        for (const body of bodies) at += body.copy(copy, at);
      });
      if (round < 0) continue;
      mergesMs.push(mergeMs);
      cpusMs.push((user + system) / 1000);
      copiesMs.push(copyMs);
    }
  }
  return measured.map(({ bytes, mergesMs, cpusMs, copiesMs }) => ({
    megabytes: bytes / 1e6,
    mergeMs: median(mergesMs),
    mergeCpuMs: median(cpusMs),
    copyMs: median(copiesMs),
  }));
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds: a whole number above 0');
const rows = LOADS.map((load) => {
  const half = { ...load, samples: load.samples / 2 };
  const [small, whole] = measure([half, load], rounds);
  if (small === undefined || whole === undefined) throw new Error('not measured');
  return {
    load: `${load.targets} × ${load.samples}`,
    MB: whole.megabytes.toFixed(1),
    'merge ms': whole.mergeMs.toFixed(1),
    'merge MB/s': (whole.megabytes / (whole.mergeMs / 1000)).toFixed(0),
    'Buffer.copy MB/s': (whole.megabytes / (whole.copyMs / 1000)).toFixed(0),
    'merge / copy': (whole.mergeMs / whole.copyMs).toFixed(1),
    'growth on doubling': (whole.mergeCpuMs / small.mergeCpuMs).toFixed(2),
  };
});
console.table(rows);
if (rows.some((row) => Number(row['growth on doubling']) > MAX_GROWTH)) {
  console.error(`doubling the samples takes more than ${MAX_GROWTH} times the CPU time`);
  process.exitCode = 1;
}
