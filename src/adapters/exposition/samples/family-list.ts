import type { Declaration } from '../../../domain/exposition/families/declared-families.ts';
import type { OutputFormat } from '../../../domain/exposition/format.ts';
import type { MetricType } from '../../../domain/exposition/metric-type.ts';
import type { MetadataCache, MetadataLine } from './metadata-cache.ts';
import type { NameTable } from './name-table.ts';
import { writtenMetricName } from './spelling.ts';

/** The families and sample names of a body, in order. Equal bodies share one object. */
export interface FamilyList {
  /** Declared families and sample names (one character per byte), in order of first appearance. */
  readonly entries: readonly (Declaration | string)[];
  /** The sample names, by number. */
  readonly names: ReadonlySet<number>;
}

interface CachedFamilyList {
  readonly sequence: Int32Array;
  readonly families: FamilyList;
}

interface OpenDeclaration {
  readonly name: string;
  type: MetricType | undefined;
  help: string;
  unit: string;
}

const FIRST_LENGTH = 256;
/** Integers in the sequences of all cached lists together. */
const MAX_CACHED_LENGTH = 64 * 1024;

/**
 * Records the sample names and metadata lines of one body after another. A target's body has the same ones in each scrape, and so
 * have the other containers of its service: the lists made of them are cached.
 */
export class FamilyListBuilder {
  readonly #names: NameTable;
  readonly #metadata: MetadataCache;
  /** The names (even numbers) and metadata lines (odd ones) of the body, in order. */
  #sequence = new Int32Array(FIRST_LENGTH);
  #length = 0;
  #hash = 0;
  #namesMode: OutputFormat['names'] = 'allow-utf-8';
  /** Number of the body. */
  #body = 0;
  /** For each name, the last body that had it. */
  #lastBodies = new Int32Array(256);
  /** The metadata lines of the body. */
  #lines: MetadataLine[] = [];
  /** False if a metadata line has no number: then the list is not cached. */
  #isComplete = true;
  readonly #cached = new Map<number, CachedFamilyList>();
  #cachedLength = 0;
  #generation: number;

  constructor(names: NameTable, metadata: MetadataCache) {
    this.#names = names;
    this.#metadata = metadata;
    this.#generation = metadata.generation;
  }

  /** Begins a body; its names are written in this format. */
  start({ names }: OutputFormat): void {
    if (this.#metadata.generation !== this.#generation) this.#forget();
    // Shrink again after an unusually large body.
    if (this.#sequence.length > MAX_CACHED_LENGTH) this.#sequence = new Int32Array(FIRST_LENGTH);
    this.#body++;
    this.#length = 0;
    this.#hash = 0;
    this.#lines = [];
    this.#isComplete = true;
    this.#namesMode = names;
    this.#record(names === 'allow-utf-8' ? 0 : 1);
  }

  /** Metadata lines and different names recorded. */
  get size(): number {
    return this.#length;
  }

  addName(name: number): void {
    if (name >= this.#lastBodies.length) {
      const grown = new Int32Array(2 * name);
      grown.set(this.#lastBodies);
      this.#lastBodies = grown;
    }
    if (this.#lastBodies[name] === this.#body) return;
    this.#lastBodies[name] = this.#body;
    this.#record(2 * name);
  }

  /** Adds a metadata line, with its number in the cache if it is there. */
  addMetadata(line: MetadataLine, number: number | undefined): void {
    if (line.kind === 'comment' || line.kind === 'eof') return;
    this.#lines.push(line);
    this.#isComplete &&= number !== undefined;
    this.#record(2 * (number ?? 0) + 1);
  }

  finish(): FamilyList {
    const sequence = this.#sequence.subarray(0, this.#length);
    // The numbers of metadata lines change their meaning when the cache forgets them, which may be while a body is read.
    const isComparable = this.#isComplete && this.#metadata.generation === this.#generation;
    const cached = isComparable ? this.#cached.get(this.#hash) : undefined;
    if (cached !== undefined && isSame(cached.sequence, sequence)) return cached.families;
    const families = this.#listOf(sequence);
    if (isComparable) this.#keep({ sequence: sequence.slice(), families });
    return families;
  }

  #record(entry: number): void {
    if (this.#length === this.#sequence.length) {
      const grown = new Int32Array(2 * this.#length);
      grown.set(this.#sequence);
      this.#sequence = grown;
    }
    this.#sequence[this.#length++] = entry;
    this.#hash = Math.imul(this.#hash ^ entry, 0x0100_0193);
  }

  #keep(list: CachedFamilyList): void {
    const { length } = list.sequence;
    if (length > MAX_CACHED_LENGTH) return;
    if (this.#cachedLength + length > MAX_CACHED_LENGTH) this.#forget();
    this.#cachedLength += length;
    this.#cached.set(this.#hash, list);
  }

  #forget(): void {
    this.#cached.clear();
    this.#cachedLength = 0;
    this.#generation = this.#metadata.generation;
  }

  #listOf(sequence: Int32Array): FamilyList {
    const entries: (OpenDeclaration | string)[] = [];
    const declarations = new Map<string, OpenDeclaration>();
    const names = new Set<number>();
    const declare = (line: MetadataLine): void => {
      if (line.kind === 'comment' || line.kind === 'eof') return;
      const name = writtenMetricName(line.name, this.#namesMode);
      let declaration = declarations.get(name);
      if (declaration === undefined) {
        declaration = { name, type: undefined, help: '', unit: '' };
        declarations.set(name, declaration);
        entries.push(declaration);
      }
      if (line.kind === 'help') declaration.help ||= line.help;
      else if (line.kind === 'unit') declaration.unit ||= line.unit;
      else if (declaration.type === undefined || declaration.type === 'unknown') declaration.type = line.type;
    };
    const lines = this.#lines.values();
    for (const entry of sequence.subarray(1)) {
      if (entry % 2 === 1) declare(lines.next().value ?? { kind: 'comment' });
      else {
        names.add(entry / 2);
        entries.push(this.#names.latin1Of(entry / 2));
      }
    }
    return { entries, names };
  }
}

function isSame(some: Int32Array, others: Int32Array): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
