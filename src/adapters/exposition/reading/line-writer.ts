import type { Syntax } from '../../../domain/exposition/format.ts';
import { secondsFromMilliseconds } from '../../../domain/exposition/timestamp.ts';
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  copyRange,
  EQUALS,
  LINE_FEED,
  PADDING,
  QUOTE,
  SPACE,
  writeLatin1,
  type PaddedText,
} from '../lines/bytes.ts';
import type { IdentityLabels } from '../samples/identity-labels.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import type { MergeContext } from '../samples/merge-context.ts';
import type { NameTable } from '../samples/name-table.ts';
import type { SampleParser } from '../lines/sample-parser.ts';
import type { SampleFacts } from '../engine/sample-facts.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { lineOf, type RelabelledSample } from './sample-relabeler.ts';
import { SeriesComparison } from '../samples/series-comparison.ts';

/** Room for a timestamp in another unit, and the separators. */
const MARGIN = 64;

/**
 * Writes the sample lines that the engine leaves to it, relabelled, into the engine's arena, and takes what has been read
 * over into the table. The second sample of a series is marked as a duplicate.
 */
export class LineWriter {
  readonly #engine: LineEngine;
  readonly #table: SampleTable;
  readonly #names: NameTable;
  readonly #output: Syntax;
  readonly #comparison: SeriesComparison;
  #identity = '';
  /** `name{identity` of this name. */
  #prefixName = -1;
  #prefix = new DataView(new ArrayBuffer(1024));
  #prefixLength = 0;
  #prefixNameLength = 0;
  #firstSample = 0;
  #duplicates = 0;

  constructor({ memory, names, output }: MergeContext) {
    this.#engine = memory.engine;
    this.#table = memory.table;
    this.#names = names;
    this.#output = output.syntax;
    this.#comparison = new SeriesComparison(memory, output.syntax);
  }

  /** Samples of the current source that were there before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  startSource(identity: IdentityLabels, input: Syntax): void {
    this.#identity = identity.text;
    this.#prefixName = -1;
    this.#duplicates = 0;
    this.#firstSample = this.#table.samples;
    this.#comparison.start();
    this.#engine.startSource(
      this.#firstSample,
      identity,
      input === 'openmetrics',
      this.#output === 'openmetrics',
    );
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

  /** Writes the line that the parser has just been through from its pieces. */
  writeSpans(
    line: SampleParser,
    text: PaddedText,
    facts: SampleFacts,
    input: Syntax,
    keepsExemplar: boolean,
  ): void {
    const { view } = text;
    const { labels } = line;
    // At most a comma more than there was.
    const to = this.#begin(facts.name, line.end - line.nameStart + labels.count);
    const start = this.#engine.position;
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
    this.#engine.appendLine(this.#names.hashOf(facts.name), facts, at);
  }

  /** Writes a sample that has been taken apart. */
  writeRelabelled(sample: RelabelledSample, facts: SampleFacts): void {
    const line = lineOf(sample);
    this.#engine.ensureRoom(line.length);
    const end = writeLatin1(this.#engine.view, this.#engine.position, line);
    this.#engine.appendLine(this.#names.hashOf(facts.name), facts, end);
  }

  /** Makes room for a line of the name whose part behind the identity has so many bytes. */
  #begin(name: number, byteLength: number): DataView {
    if (name !== this.#prefixName) this.#preparePrefix(name);
    this.#engine.ensureRoom(this.#prefixLength + byteLength + MARGIN);
    return this.#engine.view;
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
    const start = this.#names.startOf(name);
    const end = this.#names.endOf(name);
    const length = end - start + 1 + this.#identity.length;
    if (length + PADDING > this.#prefix.byteLength) this.#prefix = new DataView(new ArrayBuffer(length * 2));
    const at = copyRange(this.#prefix, 0, this.#names.view, start, end);
    this.#prefix.setUint8(at, BRACE_OPEN);
    this.#prefixNameLength = at;
    this.#prefixLength = writeLatin1(this.#prefix, at + 1, this.#identity);
    this.#prefixName = name;
  }
}

/** The timestamp in the unit of the output's format; it came in the other one. */
function timestampText(milliseconds: number, output: Syntax): string {
  return output === 'text' ? String(milliseconds) : secondsFromMilliseconds(String(milliseconds));
}
