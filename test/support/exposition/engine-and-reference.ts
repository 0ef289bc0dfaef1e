import { WasmMetricsRelabeler } from '../../../src/adapters/exposition/wasm-metrics-relabeler.ts';
import type { Label } from '../../../src/domain/targets/label.ts';
import { FORMATS, mergeAll, TEXT, type TestSource } from './merging.ts';
import { ReferenceMetricsRelabeler } from './reference-relabeler.ts';

/** The engine as its users see it: tests named after a behaviour come through this door and know no module within. */
export const engine = new WasmMetricsRelabeler();
export const reference = new ReferenceMetricsRelabeler();

export function lines(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
}

/** All that the reference makes of the sources is what the engine makes of them, in each format. */
export function expectSame(sources: readonly TestSource[], formats = FORMATS): void {
  for (const format of formats) {
    const expected = mergeAll(reference, sources, format);
    expect(expected.reports.map(({ ok }) => ok)).toEqual(sources.map(() => true));
    expect(mergeAll(engine, sources, format)).toEqual(expected);
  }
}

/** How many samples the body has, or why it is refused: the reference takes and refuses the same. */
export function samplesOf(body: string | Uint8Array, syntax: 'text' | 'openmetrics'): number | string {
  const [report] = mergeAll(engine, [{ body, syntax }], TEXT).reports;
  const [expected] = mergeAll(reference, [{ body, syntax }], TEXT).reports;
  expect(report?.ok).toBe(expected?.ok);
  return report?.ok === true ? report.samples : (report?.detail ?? '');
}

/** The sample lines of the merged sources. */
export function sampleLines(sources: readonly TestSource[], format = TEXT, honorsLabels = false): string[] {
  return mergeAll(engine, sources, format, honorsLabels)
    .text.split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

export const named = (value: string, ...others: readonly Label[]): readonly Label[] => [
  { name: 'container_name', value },
  ...others,
];

export const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
