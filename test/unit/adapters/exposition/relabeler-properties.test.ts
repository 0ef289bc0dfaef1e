import fc from 'fast-check';
import { ByteScanMetricsRelabeler } from '../../../../src/adapters/exposition/byte-scan-metrics-relabeler.ts';
import { damagedSource, validSource } from '../../../support/exposition/bodies.ts';
import { FORMATS, mergeAll } from '../../../support/exposition/merging.ts';
import { ReferenceMetricsRelabeler } from '../../../support/exposition/reference-relabeler.ts';

const engine = new ByteScanMetricsRelabeler();
const reference = new ReferenceMetricsRelabeler();

const options = fc.record({ format: fc.constantFrom(...FORMATS), honorsLabels: fc.boolean() });

function outcome(merge: ReturnType<typeof mergeAll>): unknown {
  const reports = merge.reports.map((report) => (report.ok ? report : { ok: false, reason: report.reason }));
  return { ...merge, reports };
}

describe('the engine and the reference', () => {
  it('make the same of valid bodies', () => {
    fc.assert(
      fc.property(fc.array(validSource, { maxLength: 4 }), options, (sources, { format, honorsLabels }) => {
        expect(outcome(mergeAll(engine, sources, format, honorsLabels))).toEqual(
          outcome(mergeAll(reference, sources, format, honorsLabels)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('make the same of damaged bodies', () => {
    fc.assert(
      fc.property(damagedSource, validSource, options, (damaged, valid, { format, honorsLabels }) => {
        expect(outcome(mergeAll(engine, [damaged, valid], format, honorsLabels))).toEqual(
          outcome(mergeAll(reference, [damaged, valid], format, honorsLabels)),
        );
      }),
      { numRuns: 150 },
    );
  });
});
