import {
  findTypeConflicts,
  type DeclaredFamilies,
} from '../../domain/exposition/families/declared-families.ts';
import { inputSyntaxOf } from '../../domain/exposition/format.ts';
import { failure } from '../../domain/fetching/failure.ts';
import type {
  ExpositionSource,
  Merge,
  MergedExposition,
  MergeOptions,
  SourceReport,
} from '../../domain/exposition/metrics-relabeler.ts';
import { SYNTAX_RULES } from '../../domain/exposition/syntax-rules.ts';
import type { TypeConflict } from '../../domain/exposition/families/type-conflict.ts';
import { terminated } from './engine/bytes.ts';
import { EngineFullError } from './engine/engine-memory.ts';
import { dropDuplicatesAcross } from './merging/duplicates-across.ts';
import { FamilyStructure } from './merging/family-structure.ts';
import { mergedSamples } from './merging/merged-samples.ts';
import { MetricOrder } from './merging/metric-order.ts';
import { dropBlocks, dropMixedTimestamps } from './merging/unrepresentable-samples.ts';
import { OverBudgetError, TooManySamplesError } from './reading/body-limits.ts';
import { BodyReader } from './reading/body-reader.ts';
import { LineWriter } from './reading/line-writer.ts';
import { describeFault, MalformedBodyError } from './reading/malformed-body-error.ts';
import type { IdentityLabels } from './samples/identity-labels.ts';
import type { MergeContext } from './samples/merge-context.ts';
import type { MergeMemory } from './samples/merge-memory.ts';
import type { BodyContents, MergedSource } from './samples/merged-source.ts';
import { ChunkWriter } from './writing/chunk-writer.ts';
import { FamilyWriter } from './writing/family-writer.ts';

/**
 * One merge: `add` checks a body and writes its lines, relabelled, into the arena; `finish` decides which families there
 * are and puts the lines in their order.
 */
export class ExpositionMerge implements Merge {
  readonly #context: MergeContext;
  readonly #writer: LineWriter;
  readonly #giveBack: () => void;
  readonly #sources: MergedSource[] = [];
  readonly #maxHeldBytes: number;
  #heldBytes = 0;
  #duplicates = 0;
  #unrepresentable = 0;
  #isDone = false;
  /** Declared by the sources added so far; undefined until they are asked for. */
  #declared: DeclaredFamilies | undefined;

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
    const body = terminated(source.body instanceof Uint8Array ? source.body : source.body.bytes());
    const mark = memory.mark();
    const firstBlock = memory.table.blocks;
    try {
      const identity = memory.identities.of(source.labels);
      this.#writer.startSource(identity, syntax);
      const contents = new BodyReader(body, syntax, this.#context, this.#writer).scan({
        samples: source.sampleLimit,
        heldBytes: source.isOwn === true ? Infinity : this.#roomForOne(),
      });
      this.#keep(source, contents, identity, firstBlock);
      return { ok: true, samples: contents.samples };
    } catch (error) {
      memory.rewind(mark);
      if (error instanceof MalformedBodyError) return failure('malformed', describeFault(body, error));
      if (error instanceof TooManySamplesError) return failure('too_many_samples', error.message);
      if (error instanceof OverBudgetError || error instanceof EngineFullError)
        return failure('over_budget', error.message);
      throw error;
    }
  }

  typeConflicts(): readonly TypeConflict[] {
    return findTypeConflicts(this.#declaredFamilies()).map(({ family, types }) => ({
      family: Buffer.from(family, 'latin1').toString(),
      types,
    }));
  }

  finish(): MergedExposition {
    this.#assertOpen();
    this.#isDone = true;
    const { output, memory } = this.#context;
    const sources = this.#inOrder();
    const duplicates = this.#duplicates + dropDuplicatesAcross(sources, this.#context);
    const rules = SYNTAX_RULES[output.syntax];
    const samples = mergedSamples(sources, memory);
    const { blocks } = samples;
    let dropped = rules.mixesTimestamps ? 0 : dropMixedTimestamps(samples, memory.names);
    const structure = new FamilyStructure(samples, rules);
    const plan = memory.plan.plan(this.#declaredFamilies(), (family) => structure.fitsType(family));
    const isOwn = (source: number): boolean => sources[source]?.isOwn === true;
    dropped += dropBlocks(samples, blocks.blocksOf(plan.ownOnly), isOwn);
    dropped += dropBlocks(samples, blocks.blocksOf(plan.unplaceable), () => false);
    const chunks = new ChunkWriter(memory.engine);
    const writer = new FamilyWriter(chunks, samples, new MetricOrder(samples, structure), output.syntax);
    for (const family of plan.families) writer.write(family);
    if (rules.endMark !== undefined) chunks.appendText(`${rules.endMark}\n`);
    return {
      contentType: output.contentType,
      ...chunks.finish(),
      duplicateSamples: duplicates,
      unrepresentable: this.#unrepresentable + writer.lostExemplars + dropped,
      release: once(this.#giveBack),
    };
  }

  discard(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#giveBack();
  }

  #keep(
    source: ExpositionSource,
    contents: BodyContents,
    identity: IdentityLabels,
    firstBlock: number,
  ): void {
    const { rank, isOwn = false } = source;
    this.#sources.push({
      rank,
      isOwn,
      contents,
      identity,
      firstBlock,
      endBlock: this.#context.memory.table.blocks,
    });
    this.#declared = undefined;
    this.#duplicates += this.#writer.duplicates;
    this.#unrepresentable += contents.unrepresentable;
    this.#heldBytes += contents.heldBytes;
  }

  /** One source may take half of the memory for all at most: there are others. */
  #roomForOne(): number {
    return Math.min(this.#maxHeldBytes / 2, this.#maxHeldBytes - this.#heldBytes);
  }

  #inOrder(): MergedSource[] {
    return this.#sources.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.rank - b.rank);
  }

  #declaredFamilies(): DeclaredFamilies {
    this.#declared ??= this.#context.memory.plan.declare(
      this.#inOrder().map(({ isOwn, contents: { syntax, families } }) => ({
        isOwn,
        syntax,
        entries: families.entries,
      })),
      this.#context.output.syntax,
    );
    return this.#declared;
  }

  #assertOpen(): void {
    if (this.#isDone) throw new Error('the merge is done');
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
