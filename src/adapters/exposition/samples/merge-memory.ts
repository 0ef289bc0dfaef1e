import { RepeatedPlan } from '../../../domain/exposition/families/repeated-plan.ts';
import { FamilyListBuilder } from './family-list.ts';
import { KnownIdentities } from './identity-labels.ts';
import { LineEngine } from '../engine/line-engine.ts';
import type { MetadataCache } from './metadata-cache.ts';
import { NameTable } from './name-table.ts';
import { SampleTable, type TableMark } from './sample-table.ts';

/** Memory up to this size is always kept. */
const MIN_KEPT_BYTES = 4 * 1024 * 1024;
/** More names than this are forgotten after the merge: targets come and go. */
const MAX_KEPT_NAMES = 16 * 1024;
const MAX_KEPT_NAME_BYTES = 1024 * 1024;

/** How far the memory was filled, to rewind to. */
interface MemoryMark {
  readonly position: number;
  readonly table: TableMark;
  readonly names: number;
}

/** The large memory of one merge, used again by the next. */
export class MergeMemory {
  readonly engine: LineEngine;
  readonly table = new SampleTable();
  readonly metadata: MetadataCache;
  readonly identities = new KnownIdentities();
  readonly plan = new RepeatedPlan();
  readonly #seed: number;
  #names: NameTable;
  #familyLists: FamilyListBuilder;

  constructor(seed: number, metadata: MetadataCache) {
    this.engine = new LineEngine(seed);
    this.metadata = metadata;
    this.#seed = seed;
    this.#names = new NameTable(seed);
    this.#familyLists = new FamilyListBuilder(this.#names, metadata);
  }

  /** The names of this merge, and of those before it. */
  get names(): NameTable {
    return this.#names;
  }

  get familyLists(): FamilyListBuilder {
    return this.#familyLists;
  }

  mark(): MemoryMark {
    return { position: this.engine.position, table: this.table.mark(), names: this.#names.count };
  }

  /** Forgets all lines, samples and names added since the mark: those of a body that was refused. */
  rewind({ position, table, names }: MemoryMark): void {
    this.engine.rewind(position);
    this.table.rewind(table);
    if (this.#names.count === names) return;
    this.#names.rewind(names);
    this.engine.forgetNames();
  }

  /**
   * Forgets the lines. False where the engine's memory, which can't shrink, is much more than the last merge used: then
   * the next one is better off with a new engine.
   */
  reset(): boolean {
    const usedBytes = this.engine.position;
    this.engine.startMerge();
    this.table.reset();
    if (this.#names.count > MAX_KEPT_NAMES || this.#names.byteLength > MAX_KEPT_NAME_BYTES)
      this.#forgetNames();
    return this.engine.bytes.length <= Math.max(MIN_KEPT_BYTES, 4 * usedBytes);
  }

  #forgetNames(): void {
    this.engine.forgetNames();
    this.#names = new NameTable(this.#seed);
    this.#familyLists = new FamilyListBuilder(this.#names, this.metadata);
  }
}
