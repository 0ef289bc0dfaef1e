/**
 * What a merge costs beside a plain copy of the same bytes, and how its time grows with them.
 *
 *   node bench/engine.ts [--rounds 31] [--max-ratio 8] [--max-growth 2.2]
 *
 * All that is compared runs in turns, and the figures are medians over the rounds: the machine's other work is in all of them.
 * Exits with 1 where 50 targets of 2000 samples take more than so many times the copy, or twice the samples or twice the targets
 * take more than so many times as long.
 */
import { parseArgs } from 'node:util';
import { WasmMetricsRelabeler } from '../src/adapters/exposition/wasm-metrics-relabeler.ts';
import { HeapBodyStore } from '../src/adapters/exposition/bodies/heap-body-store.ts';
import type { Body } from '../src/domain/fetching/body.ts';
import { negotiateFormat } from '../src/domain/exposition/format.ts';
import { bodiesOf, median } from './load.ts';

const WARM_UPS = 30;
const TEXT_TYPE = 'text/plain; version=0.0.4';
const FORMAT = negotiateFormat('application/openmetrics-text;version=1.0.0', 'auto');

interface Load {
  readonly name: string;
  readonly texts: readonly Buffer[];
}

interface Subject {
  readonly load: Load;
  readonly bodies: readonly Body[];
  readonly bytes: number;
  readonly mergesMs: number[];
  readonly copiesMs: number[];
}

/** What doubles, from the first to the second. The ratio to the copy counts for the first row. */
const ROWS: readonly { readonly what: string; readonly half: Load; readonly whole: Load }[] = [
  { what: 'samples', half: load(50, '1000'), whole: load(50, '2000') },
  { what: 'targets', half: load(50, '2000'), whole: load(100, '2000') },
  { what: 'samples', half: load(1, '125000'), whole: load(1, '250000') },
  { what: 'targets', half: load(50, 'services'), whole: load(100, 'services') },
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '31' },
    'max-ratio': { type: 'string', default: '8' },
    'max-growth': { type: 'string', default: '2.2' },
  },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds: a whole number above 0');

const store = new HeapBodyStore();
const relabeler = new WasmMetricsRelabeler();

function load(targets: number, samples: string): Load {
  return { name: `${targets} × ${samples}`, texts: bodiesOf(targets, samples) };
}

function subjectOf(of: Load): Subject {
  const bodies = of.texts.map((text) => {
    const sink = store.open(text.length);
    sink.expect(text.length);
    sink.write(text);
    return sink.end();
  });
  const bytes = bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { load: of, bodies, bytes, mergesMs: [], copiesMs: [] };
}

function merge({ bodies }: Subject): void {
  const merging = relabeler.start({ format: FORMAT, honorsLabels: false });
  bodies.forEach((body, rank) => {
    const labels = [{ name: 'container_name', value: `service-${rank}` }];
    const report = merging.add({ labels, body, contentType: TEXT_TYPE, sampleLimit: 0, rank });
    if (!report.ok) throw new Error(`not merged: ${JSON.stringify(report)}`);
  });
  merging.finish().release();
}

function timed(action: () => void): number {
  const startedMs = performance.now();
  action();
  return performance.now() - startedMs;
}

/** The median of what one is of the other in the same round. */
function ratio(some: readonly number[], others: readonly number[]): number {
  return median(some.map((one, i) => one / (others[i] ?? NaN)));
}

const results = ROWS.map(({ what, half, whole }) => {
  const subjects = [subjectOf(half), subjectOf(whole)] as const;
  const target = Buffer.alloc(subjects[1].bytes);
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const subject of subjects) {
      const mergeMs = timed(() => merge(subject));
      const copyMs = timed(() => {
        let at = 0;
        for (const body of subject.bodies)
          at += Buffer.from(body.bytes().buffer, 0, body.byteLength).copy(target, at);
      });
      if (round < 0) continue;
      subject.mergesMs.push(mergeMs);
      subject.copiesMs.push(copyMs);
    }
  }
  for (const { bodies } of subjects) for (const body of bodies) body.release();
  const [small, large] = subjects;
  // Rows can be compared where the number of targets is the same.
  const measured = what === 'targets' ? small : large;
  return {
    what,
    name: measured.load.name,
    megabytes: measured.bytes / 1e6,
    mergeMs: median(measured.mergesMs),
    copyMs: median(measured.copiesMs),
    ratio: ratio(measured.mergesMs, measured.copiesMs),
    growth: ratio(large.mergesMs, small.mergesMs),
  };
});

console.table(
  results.map(({ what, name, megabytes, mergeMs, copyMs, ratio: toCopy, growth }) => ({
    load: name,
    MB: megabytes.toFixed(1),
    'merge ms': mergeMs.toFixed(1),
    'merge MB/s': ((megabytes / mergeMs) * 1000).toFixed(0),
    'Buffer.copy MB/s': ((megabytes / copyMs) * 1000).toFixed(0),
    'merge / copy': toCopy.toFixed(1),
    growth: `${growth.toFixed(2)} for 2 × ${what}`,
  })),
);
const complaints = results.flatMap(({ what, name, ratio: toCopy, growth }, i) => [
  ...(i === 0 && toCopy > Number(values['max-ratio'])
    ? [`${name} take ${toCopy.toFixed(1)} times as long as a copy`]
    : []),
  ...(growth > Number(values['max-growth'])
    ? [`twice the ${what} of ${name} take ${growth.toFixed(2)} times as long`]
    : []),
]);
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;
