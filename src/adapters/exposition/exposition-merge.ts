import { findTypeConflicts } from '../../domain/exposition/declared-families.ts';
import { planFamilies } from '../../domain/exposition/family-plan.ts';
import { inputSyntaxOf } from '../../domain/exposition/format.ts';
import { failure } from '../../domain/fetching/failure.ts';
import type {
  ExpositionSource,
  Merge,
  MergedExposition,
  MergeOptions,
  SourceReport,
} from '../../domain/exposition/metrics-relabeler.ts';
import type { TypeConflict } from '../../domain/exposition/type-conflict.ts';
import { OverBudgetError, TooManySamplesError } from './reading/body-limits.ts';
import { BodyScanner } from './reading/body-reader.ts';
import type { ScannedBody } from './samples/merged-source.ts';
import { paddedText } from './lines/bytes.ts';
import { ChunkWriter } from './writing/chunk-writer.ts';
import { markDuplicatesAcross } from './merging/duplicates-across.ts';
import type { MergedSource } from './samples/merged-source.ts';
import { FamilyWriter } from './writing/family-writer.ts';
import type { IdentityLabels } from './samples/identity-labels.ts';
import { EngineFullError } from './engine/engine-memory.ts';
import { LineWriter } from './reading/line-writer.ts';
import { describeFault, MalformedBodyError } from './lines/malformed-body-error.ts';
import type { MergeContext } from './samples/merge-context.ts';
import type { MergeMemory } from './samples/merge-memory.ts';
import { MetricKeys } from './merging/metric-keys.ts';
import { RunTable } from './merging/block-index.ts';
import { SampleGroups } from './merging/family-structure.ts';
import { leaveOutRuns, leaveOutTimedTwins } from './merging/unrepresentable-samples.ts';
import { WrittenLines } from './merging/written-lines.ts';

/**
 * One merge: `add` checks a body and writes its lines, relabelled, into the arena; `finish` decides which families there
 * are and puts the lines together.
 */
export class ByteScanMerge implements Merge {
  readonly #context: MergeContext;
  readonly #writer: LineWriter;
  readonly #giveBack: () => void;
  readonly #sources: MergedSource[] = [];
  readonly #maxHeldBytes: number;
  #heldBytes = 0;
  #duplicates = 0;
  #unrepresentable = 0;
  #isDone = false;

  constructor(
    { format, honorsLabels, maxHeldBytes = Infinity }: MergeOptions,
    memory: MergeMemory,
    giveBack: () => void,
  ) {
    this.#context = { output: format, honorsLabels, names: memory.names, memory };
    this.#writer = new LineWriter(this.#context);
    this.#giveBack = giveBack;
    this.#maxHeldBytes = maxHeldBytes;
  }

  add(source: ExpositionSource): SourceReport {
    this.#assertOpen();
    const syntax = inputSyntaxOf(source.contentType);
    if (syntax === undefined) {
      return failure('unsupported_content_type', `Content-Type ${source.contentType ?? ''} is no exposition`);
    }
    const { memory } = this.#context;
    const { engine, log, identities } = memory;
    const text = paddedText(source.body instanceof Uint8Array ? source.body : source.body.bytes());
    const { position } = engine;
    const mark = log.mark();
    const nameCount = memory.names.count;
    try {
      const identity = identities.of(source.labels, engine);
      this.#writer.startSource(identity, syntax);
      const scanned = new BodyScanner(text, syntax, this.#context, this.#writer, identity).scan({
        samples: source.sampleLimit,
        heldBytes: source.isOwn === true ? Infinity : this.#roomForOne(),
      });
      this.#keep(source, scanned, identity, mark.runs);
      return { ok: true, samples: scanned.samples };
    } catch (error) {
      engine.rewind(position);
      log.rewind(mark);
      memory.rewindNames(nameCount);
      if (error instanceof MalformedBodyError) return failure('malformed', describeFault(text.bytes, error));
      if (error instanceof TooManySamplesError) return failure('too_many_samples', error.message);
      if (error instanceof OverBudgetError || error instanceof EngineFullError)
        return failure('over_budget', error.message);
      throw error;
    }
  }

  typeConflicts(): readonly TypeConflict[] {
    const conflicts = findTypeConflicts(this.#inOrder().map(familiesOf), this.#context.output.syntax);
    return conflicts.map(({ family, types }) => ({
      family: Buffer.from(family, 'latin1').toString(),
      types,
    }));
  }

  finish(): MergedExposition {
    this.#assertOpen();
    this.#isDone = true;
    const { output, memory } = this.#context;
    const { engine, log } = memory;
    const sources = this.#inOrder();
    const duplicates = this.#duplicates + markDuplicatesAcross(sources, this.#context);
    const runs = new RunTable(log);
    for (const { firstRun, endRun } of sources) runs.append(firstRun, endRun);
    const isOpenMetrics = output.syntax === 'openmetrics';
    const lines = new WrittenLines(memory, runs, output.syntax);
    const keys = new MetricKeys(memory, runs, lines);
    const groups = new SampleGroups(memory, runs, lines, keys);
    let leftOut = isOpenMetrics ? leaveOutTimedTwins(memory, runs, keys) : 0;
    const plan = planFamilies(sources.map(familiesOf), output.syntax, (family) =>
      groups.fitsType(family, output.syntax),
    );
    leftOut += leaveOutRuns(
      log,
      runs,
      groups.runsOf({ sampleNames: plan.ownOnly }),
      (source) => sources[source]?.isOwn === true,
    );
    const chunks = new ChunkWriter(engine);
    const writer = new FamilyWriter(chunks, log, { runs, groups, lines, keys }, output.syntax);
    for (const family of plan.families) writer.write(family);
    if (isOpenMetrics) chunks.appendText('# EOF\n');
    leftOut += leaveOutRuns(log, runs, groups.runsOf({ sampleNames: plan.unplaceable }), () => false);
    return {
      contentType: output.contentType,
      ...chunks.finish(),
      duplicateSamples: duplicates,
      unrepresentable: this.#unrepresentable + writer.lostExemplars + leftOut,
      release: once(this.#giveBack),
    };
  }

  discard(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#giveBack();
  }

  #keep(source: ExpositionSource, scanned: ScannedBody, identity: IdentityLabels, firstRun: number): void {
    const { rank, isOwn = false } = source;
    this.#sources.push({ rank, isOwn, scanned, identity, firstRun, endRun: this.#context.memory.log.runs });
    this.#duplicates += this.#writer.duplicates;
    this.#unrepresentable += scanned.unrepresentable;
    this.#heldBytes += scanned.heldBytes;
  }

  /** One source takes no more than half of what all may take: there are others. */
  #roomForOne(): number {
    return Math.min(this.#maxHeldBytes / 2, this.#maxHeldBytes - this.#heldBytes);
  }

  #inOrder(): MergedSource[] {
    return this.#sources.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.rank - b.rank);
  }

  #assertOpen(): void {
    if (this.#isDone) throw new Error('the merge is done');
  }
}

function familiesOf({ isOwn, scanned }: MergedSource): Parameters<typeof findTypeConflicts>[0][number] {
  return { isOwn, syntax: scanned.syntax, entries: scanned.outline.entries };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}
