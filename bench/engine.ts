/**
 * What a merge costs: beside a plain copy of the same bytes, for twice as much, and for each form that sample lines can have.
 *
 *   node bench/engine.ts [--rounds 31] [--targets 50] [--max-ratio 8] [--max-growth 2.2] [--max-form 400] [--against DIR]
 *
 * All that is compared runs in turns, and the figures are medians over the rounds: the machine's other work is in all of them.
 * `--against` names a checkout of another version (after its script/bootstrap), whose merge runs in turns with this one's.
 * Exits with 1 where 50 targets of 2000 samples take more than so many times the copy, where twice the samples or twice the targets
 * take more than so many times as long, or where a form takes more than so many times as long per byte as the plain one.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HeapBodyStore } from '../src/adapters/exposition/bodies/heap-body-store.ts';
import { WasmMetricsRelabeler } from '../src/adapters/exposition/wasm-metrics-relabeler.ts';
import { negotiateFormat } from '../src/domain/exposition/format.ts';
import type { MetricsRelabeler } from '../src/domain/exposition/metrics-relabeler.ts';
import type { Body } from '../src/domain/fetching/body.ts';
import { formsOf, type Form } from './forms.ts';
import { bodiesOf, median } from './load.ts';

const WARM_UPS = 30;
/** Forms that take long have been compiled after less. */
const FORM_WARM_UPS = 3;
const TEXT_TYPE = 'text/plain; version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const FORM_SAMPLES = 2000;

interface Load {
  readonly name: string;
  readonly variants: readonly (readonly Buffer[])[];
}

interface Subject {
  readonly load: Load;
  readonly variants: readonly (readonly Body[])[];
  readonly bytes: number;
  readonly mergesMs: number[];
  readonly copiesMs: number[];
}

/** What doubles, from the first to the second. The ratio to the copy counts for the second row. */
const ROWS: readonly { readonly what: string; readonly half: Load; readonly whole: Load }[] = [
  { what: 'targets', half: load(50, '2000mixed'), whole: load(100, '2000mixed') },
  { what: 'samples', half: load(50, '1000'), whole: load(50, '2000') },
  { what: 'targets', half: load(50, '2000'), whole: load(100, '2000') },
  { what: 'samples', half: load(1, '125000'), whole: load(1, '250000') },
  { what: 'targets', half: load(50, 'services'), whole: load(100, 'services') },
];
const COPY_ROW = 1;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '31' },
    targets: { type: 'string', default: '50' },
    'max-ratio': { type: 'string', default: '8' },
    'max-growth': { type: 'string', default: '2.2' },
    'max-form': { type: 'string', default: '400' },
    against: { type: 'string' },
  },
});
const rounds = wholeNumber('rounds');
const formTargets = wholeNumber('targets');

const store = new HeapBodyStore();
const relabeler = new WasmMetricsRelabeler();
const createOther = values.against === undefined ? undefined : await relabelerOf(values.against);

function wholeNumber(name: 'rounds' | 'targets'): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name}: a whole number above 0`);
  return value;
}

/** The merge of another checkout; version 0.1.0 has it under another name. */
async function relabelerOf(checkout: string): Promise<() => MetricsRelabeler> {
  const folder = resolve(checkout, 'src/adapters/exposition');
  const file = ['wasm-metrics-relabeler.ts', 'byte-scan-metrics-relabeler.ts']
    .map((name) => resolve(folder, name))
    .find((path) => existsSync(path));
  if (file === undefined) throw new Error(`--against ${checkout}: no checkout of this project`);
  const [create] = Object.values((await import(file)) as Record<string, new () => MetricsRelabeler>);
  if (create === undefined) throw new Error(`--against ${checkout}: ${file} exports nothing`);
  return () => new create();
}

function load(targets: number, samples: string): Load {
  return { name: `${targets} × ${samples}`, variants: bodiesOf(targets, samples) };
}

function bodyOf(text: Buffer): Body {
  const sink = store.open(text.length);
  sink.expect(text.length);
  sink.write(text);
  return sink.end();
}

function subjectOf(of: Load): Subject {
  const variants = of.variants.map((texts) => texts.map(bodyOf));
  const bytes = bytesOf(variants[0] ?? []);
  return { load: of, variants, bytes, mergesMs: [], copiesMs: [] };
}

function bytesOf(bodies: readonly Body[]): number {
  return bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** What a round merges: the variants come in turns. */
function inRound<T>(variants: readonly (readonly T[])[], round: number): readonly T[] {
  return variants[Math.abs(round) % variants.length] ?? [];
}

function merge(
  by: MetricsRelabeler,
  bodies: readonly Body[],
  { contentType, accept }: Pick<Form, 'contentType' | 'accept'>,
): void {
  const merging = by.start({ format: negotiateFormat(accept, 'auto'), honorsLabels: false });
  bodies.forEach((body, rank) => {
    const labels = [{ name: 'container_name', value: `service-${rank}` }];
    const report = merging.add({ labels, body, contentType, sampleLimit: 0, rank });
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
  const target = Buffer.alloc(subjects[1].bytes * 2);
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const subject of subjects) {
      const bodies = inRound(subject.variants, round);
      const mergeMs = timed(() => merge(relabeler, bodies, { contentType: TEXT_TYPE, accept: OPENMETRICS }));
      const copyMs = timed(() => {
        let at = 0;
        for (const body of bodies)
          at += Buffer.from(body.bytes().buffer, 0, body.byteLength).copy(target, at);
      });
      if (round < 0) continue;
      subject.mergesMs.push(mergeMs);
      subject.copiesMs.push(copyMs);
    }
  }
  for (const { variants } of subjects) for (const body of variants.flat()) body.release();
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

/** One form has relabelers of its own: an exporter's targets write the same from scrape to scrape. */
interface MeasuredForm {
  readonly form: Form;
  readonly relabeler: MetricsRelabeler;
  readonly other: MetricsRelabeler | undefined;
  readonly variants: readonly (readonly Body[])[];
  readonly bytes: number;
  readonly mergesMs: number[];
  readonly othersMs: number[];
}

const forms = formsOf(FORM_SAMPLES).map((form): MeasuredForm => {
  const variants = form.bodies.map((text) => Array.from({ length: formTargets }, () => bodyOf(text)));
  return {
    form,
    relabeler: new WasmMetricsRelabeler(),
    other: createOther?.(),
    variants,
    bytes: bytesOf(variants[0] ?? []),
    mergesMs: [],
    othersMs: [],
  };
});
for (let round = -FORM_WARM_UPS; round < rounds; round++) {
  for (const { form, relabeler: own, other, variants, mergesMs, othersMs } of forms) {
    const bodies = inRound(variants, round);
    const mergeMs = timed(() => merge(own, bodies, form));
    const otherMs = other === undefined ? NaN : timed(() => merge(other, bodies, form));
    if (round < 0) continue;
    mergesMs.push(mergeMs);
    othersMs.push(otherMs);
  }
}
const [plain] = forms;
const formRows = forms.map(({ form, bytes, mergesMs, othersMs }) => {
  const plainBytes = plain?.bytes ?? NaN;
  return {
    name: form.name,
    megabytes: bytes / 1e6,
    mergeMs: median(mergesMs),
    perByte: (ratio(mergesMs, plain?.mergesMs ?? []) * plainBytes) / bytes,
    toOther: ratio(mergesMs, othersMs),
  };
});
console.table(
  formRows.map(({ name, megabytes, mergeMs, perByte, toOther }) => ({
    [`${formTargets} × ${FORM_SAMPLES}`]: name,
    MB: megabytes.toFixed(1),
    'merge ms': mergeMs.toFixed(1),
    '× plain per byte': perByte.toFixed(2),
    ...(createOther === undefined ? {} : { 'of the other version': toOther.toFixed(3) }),
  })),
);

const complaints = [
  ...results.flatMap(({ what, name, ratio: toCopy, growth }, i) => [
    ...(i === COPY_ROW && toCopy > Number(values['max-ratio'])
      ? [`${name} take ${toCopy.toFixed(1)} times as long as a copy`]
      : []),
    ...(growth > Number(values['max-growth'])
      ? [`twice the ${what} of ${name} take ${growth.toFixed(2)} times as long`]
      : []),
  ]),
  ...formRows.flatMap(({ name, perByte }) =>
    perByte > Number(values['max-form']) ? [`${name}: ${perByte.toFixed(1)} times as long as plain`] : [],
  ),
];
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;
