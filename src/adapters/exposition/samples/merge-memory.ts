import { FamilyListBuilder } from './family-list.ts';
import { KnownIdentities } from './identity-labels.ts';
import { LineEngine } from '../engine/line-engine.ts';
import type { MetadataCache } from './metadata-cache.ts';
import { NameTable } from './name-table.ts';
import { SampleTable } from './sample-table.ts';

/** So much is kept in any case. */
const MIN_KEPT_BYTES = 4 * 1024 * 1024;
/** With more names than this, they are forgotten: targets come and go. */
const MAX_KEPT_NAMES = 16 * 1024;
const MAX_KEPT_NAME_BYTES = 1024 * 1024;

/** The large memory of one merge, used again by the next. */
export class MergeMemory {
  readonly engine: LineEngine;
  readonly table = new SampleTable();
  readonly metadata: MetadataCache;
  readonly identities = new KnownIdentities();
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

  /** Forgets the names behind the first `count`: those of a body that was refused. */
  rewindNames(count: number): void {
    if (this.#names.count === count) return;
    this.#names.rewind(count);
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
