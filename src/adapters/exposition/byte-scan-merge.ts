import { findTypeConflicts } from '../../domain/exposition/family-claims.ts';
import { planFamilies } from '../../domain/exposition/family-plan.ts';
import { inputSyntaxOf } from '../../domain/exposition/format.ts';
import { failure } from '../../domain/failure.ts';
import type {
  ExpositionSource,
  Merge,
  MergedExposition,
  MergeOptions,
  SourceReport,
  TypeConflict,
} from '../../domain/metrics-relabeler.ts';
import { BodyScanner, TooManySamplesError, type ScannedBody } from './body-scanner.ts';
import { paddedText } from './bytes.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { duplicatesAcross, type MergedSource } from './cross-source-duplicates.ts';
import { FamilyWriter } from './family-writer.ts';
import { identityLabels, type IdentityLabels } from './identity-labels.ts';
import { LineWriter } from './line-writer.ts';
import { describeFault, MalformedBodyError } from './malformed-body-error.ts';
import type { MergeContext } from './merge-context.ts';
import type { MergeMemory } from './merge-memory.ts';
import { NamePool } from './name-pool.ts';
import { RunTable } from './run-table.ts';
import { SampleGroups } from './sample-groups.ts';
import { WrittenLines } from './written-lines.ts';

const EOF = Buffer.from('# EOF\n');

/**
 * One merge: `add` checks a body and writes its lines, relabelled, into the arena; `finish` decides which families there
 * are and puts the lines together.
 */
export class ByteScanMerge implements Merge {
  readonly #memory: MergeMemory;
  readonly #context: MergeContext;
  readonly #writer: LineWriter;
  readonly #giveBack: () => void;
  readonly #sources: MergedSource[] = [];
  #identityKey = '';
  #duplicates = 0;
  #unrepresentable = 0;
  #isDone = false;

  constructor(
    { format, honorsLabels }: MergeOptions,
    memory: MergeMemory,
    seed: number,
    giveBack: () => void,
  ) {
    const names = new NamePool(seed);
    this.#memory = memory;
    this.#context = { output: format, honorsLabels, seed, names, templates: new Map() };
    this.#writer = new LineWriter(memory, names, format.syntax);
    this.#giveBack = giveBack;
  }

  add(source: ExpositionSource): SourceReport {
    this.#assertOpen();
    const syntax = inputSyntaxOf(source.contentType);
    if (syntax === undefined) {
      return failure('unsupported_content_type', `Content-Type ${source.contentType ?? ''} is no exposition`);
    }
    const { arena, log } = this.#memory;
    const text = paddedText(source.body instanceof Uint8Array ? source.body : source.body.bytes());
    const identity = identityLabels(source.labels, this.#context.seed);
    if (identity.key !== this.#identityKey) this.#context.templates.clear();
    this.#identityKey = identity.key;
    const arenaMark = arena.mark();
    const logMark = log.mark();
    this.#writer.startSource(identity);
    try {
      const scanned = new BodyScanner(text, syntax, this.#context, this.#writer, identity).scan(
        source.sampleLimit,
      );
      this.#writer.endSource();
      this.#keep(source, scanned, identity, logMark.runs);
      return { ok: true, samples: scanned.samples };
    } catch (error) {
      arena.rewind(arenaMark);
      log.rewind(logMark);
      if (error instanceof MalformedBodyError) return failure('malformed', describeFault(text.bytes, error));
      if (error instanceof TooManySamplesError) return failure('too_many_samples', error.message);
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
    const { arena, log } = this.#memory;
    const { output, names, seed } = this.#context;
    const sources = this.#inOrder();
    const duplicates = duplicatesAcross(sources, this.#context, this.#memory);
    const runs = new RunTable(log, duplicates);
    for (const { firstRun, endRun } of sources) runs.append(firstRun, endRun);
    const lines = new WrittenLines(arena, log, runs, output.syntax, seed);
    const groups = new SampleGroups(log, names, runs, lines);
    const plan = planFamilies(sources.map(familiesOf), output.syntax, (family) =>
      groups.fitsType(family, output.syntax),
    );
    const chunks = new ChunkWriter(arena);
    const writer = new FamilyWriter(chunks, this.#memory, { runs, groups, lines }, output.syntax);
    for (const family of plan.families) writer.write(family);
    if (output.syntax === 'openmetrics') chunks.append(EOF);
    let unplaceable = 0;
    runs.forEachSample(
      runs.runsOf(plan.unplaceable.map((name) => names.internLatin1(name))),
      () => unplaceable++,
    );
    return {
      contentType: output.contentType,
      ...chunks.finish(),
      duplicateSamples: this.#duplicates + duplicates.size,
      unrepresentable: this.#unrepresentable + writer.lostExemplars + unplaceable,
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
    this.#sources.push({ rank, isOwn, scanned, identity, firstRun, endRun: this.#memory.log.runs });
    this.#duplicates += this.#writer.duplicates;
    this.#unrepresentable += scanned.unrepresentable;
  }

  #inOrder(): MergedSource[] {
    return this.#sources.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.rank - b.rank);
  }

  #assertOpen(): void {
    if (this.#isDone) throw new Error('the merge is done');
  }
}

function familiesOf({ isOwn, scanned }: MergedSource): Parameters<typeof findTypeConflicts>[0][number] {
  return { isOwn, syntax: scanned.syntax, entries: scanned.entries };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}
