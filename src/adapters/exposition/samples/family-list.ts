import type { Declaration } from '../../../domain/exposition/declared-families.ts';
import type { OutputFormat } from '../../../domain/exposition/format.ts';
import type { MetricType } from '../../../domain/exposition/metric-type.ts';
import type { MetadataCache, MetadataLine } from './metadata-cache.ts';
import type { NameTable } from './name-table.ts';
import { writtenMetricName } from './spelling.ts';

/** What a body is about. Bodies that are alike share one. */
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
/** Integers that the known outlines' sequences may have together. */
const MAX_KNOWN_LENGTH = 64 * 1024;

/**
 * Takes down the sample names and the lines of metadata of one body after another. A target's body has the same ones in each
 * scrape, and so have the other containers of its service: what was made of them is kept.
 */
export class FamilyListBuilder {
  readonly #names: NameTable;
  readonly #metadata: MetadataCache;
  /** What was noted, in order: names as even numbers, lines of metadata as odd ones. */
  #sequence = new Int32Array(FIRST_LENGTH);
  #length = 0;
  #hash = 0;
  #namesMode: OutputFormat['names'] = 'allow-utf-8';
  /** Counts the bodies; for each name, the last one that had it. */
  #body = 0;
  #lastBodies = new Int32Array(256);
  /** The noted lines of metadata. */
  #lines: MetadataLine[] = [];
  /** Does the sequence say all? */
  #isComplete = true;
  readonly #known = new Map<number, CachedFamilyList>();
  #knownLength = 0;
  #generation: number;

  constructor(names: NameTable, metadata: MetadataCache) {
    this.#names = names;
    this.#metadata = metadata;
    this.#generation = metadata.generation;
  }

  /** Begins a body whose names go out in this format. */
  start({ names }: OutputFormat): void {
    if (this.#metadata.generation !== this.#generation) this.#forget();
    // A body with so many was the exception.
    if (this.#sequence.length > MAX_KNOWN_LENGTH) this.#sequence = new Int32Array(FIRST_LENGTH);
    this.#body++;
    this.#length = 0;
    this.#hash = 0;
    this.#lines = [];
    this.#isComplete = true;
    this.#namesMode = names;
    this.#note(names === 'allow-utf-8' ? 0 : 1);
  }

  /** Lines of metadata and different names that were noted. */
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
    this.#note(2 * name);
  }

  /** Adds a line; its number is that among the known ones, if it is one of them. */
  addMetadata(line: MetadataLine, number: number | undefined): void {
    if (line.kind === 'comment' || line.kind === 'eof') return;
    this.#lines.push(line);
    this.#isComplete &&= number !== undefined;
    this.#note(2 * (number ?? 0) + 1);
  }

  finish(): FamilyList {
    const sequence = this.#sequence.subarray(0, this.#length);
    // The numbers of lines mean something else once all of them were forgotten, which may be while a body is read.
    const isComparable = this.#isComplete && this.#metadata.generation === this.#generation;
    const known = isComparable ? this.#known.get(this.#hash) : undefined;
    if (known !== undefined && isSame(known.sequence, sequence)) return known.families;
    const families = this.#listOf(sequence);
    if (isComparable) this.#keep({ sequence: sequence.slice(), families });
    return families;
  }

  #note(what: number): void {
    if (this.#length === this.#sequence.length) {
      const grown = new Int32Array(2 * this.#length);
      grown.set(this.#sequence);
      this.#sequence = grown;
    }
    this.#sequence[this.#length++] = what;
    this.#hash = Math.imul(this.#hash ^ what, 0x0100_0193);
  }

  #keep(known: CachedFamilyList): void {
    const { length } = known.sequence;
    if (length > MAX_KNOWN_LENGTH) return;
    if (this.#knownLength + length > MAX_KNOWN_LENGTH) this.#forget();
    this.#knownLength += length;
    this.#known.set(this.#hash, known);
  }

  #forget(): void {
    this.#known.clear();
    this.#knownLength = 0;
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
    for (const what of sequence.subarray(1)) {
      if (what % 2 === 1) declare(lines.next().value ?? { kind: 'comment' });
      else {
        names.add(what / 2);
        entries.push(this.#names.latin1Of(what / 2));
      }
    }
    return { entries, names };
  }
}

function isSame(some: Int32Array, others: Int32Array): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
