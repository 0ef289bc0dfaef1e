import type { InputSyntax } from '../../domain/exposition/format.ts';
import { secondsFromMilliseconds } from '../../domain/exposition/timestamp.ts';
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  copyRange,
  EQUALS,
  LINE_FEED,
  mix,
  PADDING,
  QUOTE,
  SPACE,
  writeLatin1,
  type PaddedText,
} from './bytes.ts';
import type { IdentityLabels } from './identity-labels.ts';
import type { Chunk, LineArena } from './line-arena.ts';
import type { MergeMemory } from './merge-memory.ts';
import type { NamePool } from './name-pool.ts';
import type { PlainLineScanner } from './plain-line-scanner.ts';
import type { SampleParser } from './sample-parser.ts';
import type { SampleFacts } from './sample-facts.ts';
import { HAS_TIMESTAMP, IS_OUT_OF_ORDER, type SampleLog } from './sample-log.ts';
import { lineOf, type RelabelledSample } from './sample-relabeler.ts';
import { SeriesComparison } from './series-comparison.ts';
import type { SeriesIndex } from './series-index.ts';

/** Room for a timestamp in another unit, and the separators. */
const MARGIN = 64;

interface Bucket {
  readonly name: number;
  group: number;
  bound: number;
  milliseconds: number;
}

/** Writes relabelled sample lines into the arena and notes them in the log. The second sample of a series is not kept. */
export class LineWriter {
  readonly #arena: LineArena;
  readonly #log: SampleLog;
  readonly #names: NamePool;
  readonly #output: InputSyntax;
  readonly #index: SeriesIndex;
  readonly #comparison: SeriesComparison;
  #chunk: Chunk | undefined;
  #position = 0;
  #runName = -1;
  #identity: IdentityLabels | undefined;
  /** `name{identity` of this name. */
  #prefixName = -1;
  #prefix = new DataView(new ArrayBuffer(1024));
  #prefixLength = 0;
  #prefixNameLength = 0;
  /** The last bucket of each name. */
  readonly #lastBuckets = new Map<number, Bucket>();
  #lastBucket: Bucket = { name: -1, group: 0, bound: 0, milliseconds: 0 };
  #duplicates = 0;

  constructor({ arena, log, index }: MergeMemory, names: NamePool, output: InputSyntax) {
    this.#arena = arena;
    this.#log = log;
    this.#names = names;
    this.#output = output;
    this.#index = index;
    this.#comparison = new SeriesComparison(arena, log, output);
  }

  /** Samples of the current source that were there before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  startSource(identity: IdentityLabels): void {
    this.#identity = identity;
    this.#chunk = this.#arena.chunks.at(-1);
    this.#position = this.#arena.position;
    this.#runName = -1;
    this.#prefixName = -1;
    this.#duplicates = 0;
    this.#lastBuckets.clear();
    this.#lastBucket = { name: -1, group: 0, bound: 0, milliseconds: 0 };
    this.#index.start(this.#log.samples);
  }

  endSource(): void {
    this.#arena.advanceTo(this.#position);
  }

  /** Writes the line that the scanner has just been through. */
  writePlain(line: PlainLineScanner, text: PaddedText, facts: SampleFacts, input: InputSyntax): void {
    const { view } = text;
    const hasLabels = line.labelsEnd > 0;
    const bodyLength = line.end - (hasLabels ? line.labelsStart : line.tailStart);
    const to = this.#begin(facts.name, bodyLength).view;
    const start = this.#position;
    let at = this.#writePrefix(to, start, hasLabels);
    if (hasLabels) {
      at = copyRange(to, at, view, line.labelsStart, line.labelsEnd);
      to.setUint8(at++, BRACE_CLOSE);
    }
    if (Number.isNaN(facts.milliseconds) || input === this.#output) {
      at = copyRange(to, at, view, line.tailStart, line.end);
    } else {
      at = copyRange(to, at, view, line.tailStart, line.valueEnd);
      at = writeLatin1(to, at, ` ${timestampText(facts.milliseconds, this.#output)}\n`);
    }
    this.#commit(facts, start, at);
  }

  /** Writes the line that the parser has just been through from its pieces. */
  writeSpans(
    line: SampleParser,
    text: PaddedText,
    facts: SampleFacts,
    input: InputSyntax,
    keepsExemplar: boolean,
  ): void {
    const { view } = text;
    const { labels } = line;
    // At most a comma more than there was.
    const to = this.#begin(facts.name, line.end - line.nameStart + labels.count).view;
    const start = this.#position;
    let at = this.#writePrefix(to, start, labels.count > 0);
    for (let label = 0; label < labels.count; label++) {
      if (label > 0) to.setUint8(at++, COMMA);
      at = copyRange(to, at, view, labels.nameStart(label), labels.nameEnd(label));
      to.setUint8(at++, EQUALS);
      to.setUint8(at++, QUOTE);
      at = copyRange(to, at, view, labels.valueStart(label), labels.valueEnd(label));
      to.setUint8(at++, QUOTE);
    }
    if (labels.count > 0) to.setUint8(at++, BRACE_CLOSE);
    to.setUint8(at++, SPACE);
    at = copyRange(to, at, view, line.valueStart, line.valueEnd);
    if (line.timestampEnd > 0) {
      to.setUint8(at++, SPACE);
      at =
        input === this.#output
          ? copyRange(to, at, view, line.timestampStart, line.timestampEnd)
          : writeLatin1(to, at, timestampText(facts.milliseconds, this.#output));
    }
    if (keepsExemplar) at = copyRange(to, at, view, line.exemplarStart, line.end - 1);
    to.setUint8(at++, LINE_FEED);
    this.#commit(facts, start, at);
  }

  /** Writes a sample that has been taken apart. */
  writeRelabelled(sample: RelabelledSample, facts: SampleFacts): void {
    const line = lineOf(sample);
    const chunk = this.#reserve(facts.name, line.length);
    const start = this.#position;
    this.#commit(facts, start, writeLatin1(chunk.view, start, line));
  }

  #commit(facts: SampleFacts, start: number, end: number): void {
    const log = this.#log;
    log.ensureSample();
    const sample = log.samples++;
    const hasTimestamp = !Number.isNaN(facts.milliseconds);
    let hash = mix((this.#names.hashOf(facts.name) + facts.labelHash) | 0);
    if (hasTimestamp) hash = mix(hash ^ hashOfNumber(facts.milliseconds));
    log.lineStarts[sample] = start;
    log.seriesHashes[sample] = hash;
    log.timestamps[sample] = hasTimestamp ? facts.milliseconds : 0;
    log.flags[sample] = facts.flags | (hasTimestamp ? HAS_TIMESTAMP : 0);
    if (!this.#index.add(sample, this.#comparison.isSame, this.#comparison.canonicalText)) {
      log.samples--;
      this.#duplicates++;
      return;
    }
    log.labelHashes[sample] = facts.labelHash;
    log.boundHashes[sample] = facts.boundHash;
    if (!Number.isNaN(facts.bound)) this.#noteOrder(facts, sample);
    this.#position = end;
    log.runEnds[log.runs - 1] = end;
  }

  #noteOrder({ name, labelHash, boundHash, bound, milliseconds }: SampleFacts, sample: number): void {
    if (name !== this.#lastBucket.name) {
      this.#lastBucket = this.#lastBuckets.get(name) ?? {
        name,
        group: 0,
        bound: -Infinity,
        milliseconds: NaN,
      };
      this.#lastBuckets.set(name, this.#lastBucket);
    }
    const last = this.#lastBucket;
    const group = (labelHash - boundHash) | 0;
    const isSameMetric = group === last.group && Object.is(milliseconds, last.milliseconds);
    if (isSameMetric && bound <= last.bound) {
      this.#log.flags[sample] = (this.#log.flags[sample] ?? 0) | IS_OUT_OF_ORDER;
    }
    last.group = group;
    last.bound = bound;
    last.milliseconds = milliseconds;
  }

  #reserve(name: number, byteLength: number): Chunk {
    let chunk = this.#chunk;
    const isNewChunk = chunk === undefined || this.#position + byteLength + PADDING > chunk.bytes.length;
    if (chunk === undefined || isNewChunk) {
      this.#arena.advanceTo(this.#position);
      chunk = this.#arena.reserve(byteLength);
      this.#chunk = chunk;
      this.#position = this.#arena.position;
    }
    if (isNewChunk || name !== this.#runName) {
      this.#log.startRun(name, this.#arena.current, this.#position);
      this.#runName = name;
    }
    return chunk;
  }

  /** Makes room for a line of the name whose part behind the identity has so many bytes. */
  #begin(name: number, byteLength: number): Chunk {
    if (name !== this.#prefixName) this.#preparePrefix(name);
    return this.#reserve(name, this.#prefixLength + byteLength + MARGIN);
  }

  /** Writes name and identity, and the braces as far as they don't wait for further labels. */
  #writePrefix(to: DataView, start: number, hasLabels: boolean): number {
    const hasIdentity = this.#prefixLength > this.#prefixNameLength + 1;
    const length = hasIdentity || hasLabels ? this.#prefixLength : this.#prefixNameLength;
    let at = copyRange(to, start, this.#prefix, 0, length);
    if (hasIdentity) to.setUint8(at++, hasLabels ? COMMA : BRACE_CLOSE);
    return at;
  }

  #preparePrefix(name: number): void {
    const identity = this.#identity;
    const identityLength = identity?.byteLength ?? 0;
    const start = this.#names.startOf(name);
    const end = this.#names.endOf(name);
    const length = end - start + 1 + identityLength;
    if (length + PADDING > this.#prefix.byteLength) this.#prefix = new DataView(new ArrayBuffer(length * 2));
    const at = copyRange(this.#prefix, 0, this.#names.view, start, end);
    this.#prefix.setUint8(at, BRACE_OPEN);
    this.#prefixNameLength = at;
    this.#prefixLength = at + 1;
    if (identity !== undefined)
      this.#prefixLength = copyRange(this.#prefix, at + 1, identity.view, 0, identityLength);
    this.#prefixName = name;
  }
}

/** The timestamp in the unit of the output's format; it came in the other one. */
function timestampText(milliseconds: number, output: InputSyntax): string {
  return output === 'text' ? String(milliseconds) : secondsFromMilliseconds(String(milliseconds));
}

function hashOfNumber(value: number): number {
  return mix(value | 0) ^ Math.trunc(value / 2 ** 32);
}
