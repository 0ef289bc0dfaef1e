import fc from 'fast-check';
import { HeapBodyStore } from '../../../../src/adapters/exposition/bodies/heap-body-store.ts';
import { damagedSource, validSource } from '../../../support/exposition/bodies.ts';
import { engine, reference } from '../../../support/exposition/engine-and-reference.ts';
import { FORMATS, mergeAll, OPENMETRICS, TEXT } from '../../../support/exposition/merging.ts';

const options = fc.record({ format: fc.constantFrom(...FORMATS), honorsLabels: fc.boolean() });
const format = fc.constantFrom(...FORMATS);
const sources = fc.array(validSource, { maxLength: 4 });
const foreignSources = sources.map((all) => all.map((source) => ({ ...source, isOwn: false })));

// The same cases in every run: looking for new ones is what script/fuzz is for.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20261122) });

/** Messages are the engine's own. */
function comparable(merge: ReturnType<typeof mergeAll>): unknown {
  const reports = merge.reports.map((report) => (report.ok ? report : { ok: false, reason: report.reason }));
  return { ...merge, reports };
}

function sampleLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the engine and the reference', () => {
  it('make the same of valid bodies', () => {
    fc.assert(
      fc.property(sources, options, (all, { format: output, honorsLabels }) => {
        expect(comparable(mergeAll(engine, all, output, honorsLabels))).toEqual(
          comparable(mergeAll(reference, all, output, honorsLabels)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('make the same of damaged bodies', () => {
    fc.assert(
      fc.property(damagedSource, validSource, options, (damaged, valid, { format: output, honorsLabels }) => {
        expect(comparable(mergeAll(engine, [damaged, valid], output, honorsLabels))).toEqual(
          comparable(mergeAll(reference, [damaged, valid], output, honorsLabels)),
        );
      }),
      { numRuns: 150 },
    );
  });
});

describe('a merge', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '\\', '"', '\n', '}', '{', ',', '=', ' ', '#', 'é', '✓'),
    maxLength: 6,
  });
  const series = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('k', 'n', 'm_total', 'o_bucket'), value: text }),
    { selector: ({ name, value }) => `${name} ${value}`, minLength: 1, maxLength: 12 },
  );
  const escaped = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

  it('has every sample once, with the identity before its own labels and the rest as it was', () => {
    const tail = fc.constantFrom('1', '1.50', '-0', '1e3', '+Inf', 'NaN', '17 123', '0.1 1395066363.5');
    fc.assert(
      fc.property(series, fc.array(tail, { minLength: 12, maxLength: 12 }), (all, tails) => {
        const exemplar = (name: string): string => (name.endsWith('_total') ? ' # {t="#}"} 0.50 1.0' : '');
        const lines = all.map(({ name, value }, i) => ({
          before: `${name}{x="${escaped(value)}"} ${tails[i]!}${exemplar(name)}`,
          after: `${name}{container_name="a",x="${escaped(value)}"} ${tails[i]!}${exemplar(name)}`,
        }));
        const body = `# TYPE m counter\n${lines.map(({ before }) => `${before}\n`).join('')}# EOF\n`;
        const { text: output } = mergeAll(engine, [{ body, syntax: 'openmetrics' }], OPENMETRICS);
        expect(sampleLines(output).sort()).toEqual(lines.map(({ after }) => after).sort());
      }),
      { numRuns: 100 },
    );
  });

  it('changes nothing when it is merged again', () => {
    fc.assert(
      // A family of our own keeps its type even where its samples don't fit it, so those are left aside.
      fc.property(foreignSources, format, (all, output) => {
        const once = mergeAll(engine, all, output).text;
        const again = { body: once, syntax: output.syntax, labels: [] };
        expect(mergeAll(engine, [again], output).text).toBe(once);
      }),
      { numRuns: 150 },
    );
  });

  it('does not depend on how a body was cut into chunks', () => {
    fc.assert(
      fc.property(validSource, fc.array(fc.nat(200)), format, (source, cuts, output) => {
        const bytes = Buffer.from(source.body);
        const sink = new HeapBodyStore().open(bytes.length);
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        ends.forEach((end, i) => sink.write(bytes.subarray(ends[i - 1] ?? 0, end)));
        const body = sink.end().bytes();
        expect(mergeAll(engine, [{ ...source, body }], output)).toEqual(mergeAll(engine, [source], output));
      }),
      { numRuns: 50 },
    );
  });
});

describe('arbitrary bytes', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 100 }).map((value) => Buffer.from(value)),
    damagedSource.map(({ body }) => Buffer.from(body)),
  );
  const syntax = fc.constantFrom('text' as const, 'openmetrics' as const);
  const neighbour = { body: '# TYPE m gauge\nm{x="1"} 1\n# TYPE s summary\ns_sum 1\ns_count 2\n' };

  it('never take away or change a line of another target', () => {
    const alone = sampleLines(mergeAll(engine, [neighbour], TEXT).text);
    fc.assert(
      fc.property(hostile, syntax, format, (body, as, output) => {
        const { reports, text } = mergeAll(engine, [neighbour, { body, syntax: as }], output);
        expect(sampleLines(text)).toEqual(expect.arrayContaining(alone));
        if (reports[1]?.ok === false) expect(text).toBe(mergeAll(engine, [neighbour], output).text);
      }),
      { numRuns: 300 },
    );
  });
});
