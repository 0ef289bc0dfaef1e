import type { OutputFormat, Syntax } from '../../../domain/exposition/format.ts';
import type { IdentityLabels } from '../samples/identity-labels.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import type { MergeContext } from '../samples/merge-context.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { SeriesComparison } from '../samples/series-comparison.ts';

/** Takes the samples that the engine has written over into the table. The second sample of a series is marked as a duplicate. */
export class LineWriter {
  readonly #engine: LineEngine;
  readonly #table: SampleTable;
  readonly #output: OutputFormat;
  readonly #honorsLabels: boolean;
  readonly #comparison: SeriesComparison;
  #firstSample = 0;
  #duplicates = 0;

  constructor({ memory, output, honorsLabels }: MergeContext) {
    this.#engine = memory.engine;
    this.#table = memory.table;
    this.#output = output;
    this.#honorsLabels = honorsLabels;
    this.#comparison = new SeriesComparison(memory, output.syntax);
  }

  /** Samples of the current source that were there before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  startSource({ text }: IdentityLabels, input: Syntax): void {
    this.#duplicates = 0;
    this.#firstSample = this.#table.samples;
    this.#comparison.start();
    this.#engine.startSource(this.#firstSample, text, {
      readsOpenMetrics: input === 'openmetrics',
      writesOpenMetrics: this.#output.syntax === 'openmetrics',
      writesUnderscores: this.#output.names === 'underscores',
      honorsLabels: this.#honorsLabels,
    });
  }

  /** Takes over what the engine has pending, and makes room for more. */
  makeRoom(): void {
    this.#addPending(false);
    this.#engine.ensurePending(this.#table.samples - this.#firstSample);
  }

  /** Takes over what the engine has pending of the source's last lines. */
  finishSource(): void {
    this.#addPending(this.#table.samples === this.#firstSample);
  }

  #addPending(isWholeSource: boolean): void {
    const table = this.#table;
    const engine = this.#engine;
    const { pending } = engine;
    const possibleDuplicates = engine.findPossibleDuplicates(isWholeSource);
    const firstBlock = table.blocks;
    const { duplicates } = this;
    table.addPending(engine);
    for (let i = 0; i < possibleDuplicates; i++) {
      const sample = pending.possibleDuplicates[2 * i] ?? 0;
      if (!this.#comparison.isDuplicate(sample, pending.possibleDuplicates[2 * i + 1] ?? 0)) continue;
      table.drop(sample, table.blockOf(sample));
      this.#duplicates++;
    }
    if (this.duplicates > duplicates) {
      // Buckets were compared with some that don't go out.
      for (let block = firstBlock; block < table.blocks; block++) table.markOrderUnknown(block);
      engine.forgetBucket();
    }
    engine.clearPending();
  }
}
