import { isUtf8 } from 'node:buffer';
import type { Syntax } from '../../../domain/exposition/format.ts';
import { checkHeld, checkSamples, heldBytes, type BodyLimits } from './body-limits.ts';
import type { FamilyListBuilder } from '../samples/family-list.ts';
import { COLON, HASH, isNameByte, LINE_FEED, SPACE, TAB, type PaddedText } from '../lines/bytes.ts';
import type { IdentityLabels } from '../samples/identity-labels.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import type { LineWriter } from './line-writer.ts';
import { MalformedBodyError } from '../lines/malformed-body-error.ts';
import type { BodyContents } from '../samples/merged-source.ts';
import type { MergeContext } from '../samples/merge-context.ts';
import { MetadataParser } from './metadata-parser.ts';
import { parsedSample } from '../lines/parsed-sample.ts';
import { addBound, addEmptyBound, clearFacts, labelKind, newFacts } from '../engine/sample-facts.ts';
import { HAS_EXEMPLAR } from '../engine/sample-flags.ts';
import { SampleParser } from '../lines/sample-parser.ts';
import { SpanLine } from './span-line.ts';
import { SampleRelabeler, type RelabelledSample } from './sample-relabeler.ts';

/** What reads the lines that the engine leaves. */
interface OddLines {
  readonly parser: SampleParser;
  readonly spans: SpanLine;
  readonly relabeler: SampleRelabeler;
}

/** Reads one body from its first line to its last: checks it and hands its samples to the writer, relabelled. */
export class BodyReader {
  readonly #text: PaddedText;
  readonly #syntax: Syntax;
  readonly #context: MergeContext;
  readonly #writer: LineWriter;
  readonly #engine: LineEngine;
  readonly #facts = newFacts();
  /** Is it UTF-8 as a whole, if that was asked? What is not can still be valid: comments may hold anything. */
  #isUtf8: boolean | undefined;
  readonly #identity: IdentityLabels;
  #oddLines: OddLines | undefined;
  readonly #metadata: MetadataParser;
  readonly #familyLists: FamilyListBuilder;
  /** Runs that the engine has pending and whose names were noted. */
  #notedBlocks = 0;
  #notedMarks = 0;
  /** Samples that were taken over or are not kept. */
  #samples = 0;
  #unrepresentable = 0;
  #isEnded = false;
  readonly #start: number;
  #limits: BodyLimits = { samples: 0, heldBytes: Infinity };

  constructor(
    text: PaddedText,
    syntax: Syntax,
    context: MergeContext,
    writer: LineWriter,
    identity: IdentityLabels,
  ) {
    this.#text = text;
    this.#syntax = syntax;
    this.#context = context;
    this.#writer = writer;
    this.#engine = context.memory.engine;
    this.#identity = identity;
    this.#metadata = new MetadataParser(text.bytes, syntax, context.memory.metadata);
    this.#familyLists = context.memory.familyLists;
    this.#start = this.#engine.position;
  }

  /** Throws MalformedBodyError, or TooManySamplesError and OverBudgetError beyond the limits. */
  scan(limits: BodyLimits): BodyContents {
    const { length } = this.#text;
    this.#limits = limits;
    this.#familyLists.start(this.#context.output);
    this.#engine.useMetadata(this.#context.memory.metadata.generation);
    for (let at = 0; at < length;) {
      const end =
        this.#isUtf8 !== false && !this.#isEnded ? this.#engine.loadInput(this.#text.bytes, at) : at;
      at = end > at ? this.#readInput(at, end) : this.#readLine(at);
      checkSamples(this.#samples + this.#engine.pendingSamples, limits);
    }
    this.#addPending();
    this.#writer.finishSource();
    if (this.#syntax === 'openmetrics' && length > 0 && !this.#isEnded)
      return fail('no # EOF at the end', length - 1);
    return {
      syntax: this.#syntax,
      samples: this.#samples,
      heldBytes: this.#heldBytes,
      unrepresentable: this.#unrepresentable,
      families: this.#familyLists.finish(),
    };
  }

  /**
   * Reads the lines of the engine's input, which is [start, end) of the body, and returns where it came to: beyond its end where
   * the last line goes on behind a line feed in quotes.
   */
  #readInput(start: number, end: number): number {
    const engine = this.#engine;
    let at = start;
    while (at < end) {
      at = start + engine.scan(at - start);
      switch (engine.stopReason) {
        case 'line':
          at = this.#readStopped(start, at);
          if (this.#isEnded) return at;
          break;
        case 'name':
          if (!this.#addName(at)) at = this.#readLine(at);
          break;
        case 'full':
          this.#makeRoom();
          break;
        case 'bytes':
          this.#isUtf8 = isUtf8(this.#text.bytes);
          if (!this.#isUtf8) return this.#readLine(at);
          engine.allowNonAscii();
          break;
        case 'end':
          return end;
      }
    }
    return at;
  }

  /** Reads the line that the engine stopped at; metadata it knows next time. */
  #readStopped(inputStart: number, start: number): number {
    const lineEnd = this.#readLine(start);
    const { number } = this.#metadata;
    if (this.#text.bytes[start] !== HASH || number === undefined || this.#isEnded) return lineEnd;
    this.#engine.addMetadata(start - inputStart, lineEnd - 1 - inputStart, number);
    return lineEnd;
  }

  #addName(start: number): boolean {
    const { bytes } = this.#text;
    let end = start;
    for (let byte = bytes[end] ?? 0; isNameByte(byte) || byte === COLON;) byte = bytes[++end] ?? 0;
    const { names } = this.#context;
    const name = names.intern(bytes, start, end);
    return this.#engine.addName(bytes, start, end, name, names.hashOf(name));
  }

  /** Reads a line that is not plain. */
  #readLine(start: number): number {
    if (this.#isEnded) return fail('text behind # EOF', start);
    if (this.#text.bytes[start] === HASH) return this.#readMetadata(start);
    return this.#readOther(start);
  }

  #readOther(start: number): number {
    if (this.#syntax === 'text') {
      const { bytes } = this.#text;
      let at = start;
      while (bytes[at] === SPACE || bytes[at] === TAB) at++;
      if (bytes[at] === LINE_FEED) return at + 1;
      if (bytes[at] === HASH) return this.#readMetadata(start);
    }
    if (this.#engine.isFull) this.#makeRoom();
    const { parser, spans, relabeler } = (this.#oddLines ??= this.#openOddLines());
    parser.parse(start);
    if (spans.take(parser)) {
      const hasExemplar = parser.exemplarStart > 0 && this.#context.output.syntax === 'openmetrics';
      const keepsExemplar = hasExemplar && spans.keepsExemplar(parser);
      if (hasExemplar && !keepsExemplar) this.#unrepresentable++;
      this.#writer.writeSpans(parser, this.#text, this.#facts, this.#syntax, keepsExemplar);
    } else this.#writeRelabelled(relabeler.relabel(parsedSample(parser, this.#text.bytes)));
    return parser.end;
  }

  /** Most bodies have no such lines. */
  #openOddLines(): OddLines {
    const { output, honorsLabels } = this.#context;
    const { bytes, view } = this.#text;
    return {
      parser: new SampleParser(bytes, view, this.#syntax, this.#isUtf8 === true),
      spans: new SpanLine(this.#text, this.#syntax, this.#context, this.#identity, this.#facts),
      relabeler: new SampleRelabeler(output, honorsLabels, this.#syntax, this.#identity),
    };
  }

  #writeRelabelled(sample: RelabelledSample | undefined): void {
    if (sample === undefined) {
      this.#samples++;
      this.#unrepresentable++;
      return;
    }
    if (sample.hasLostExemplar) this.#unrepresentable++;
    this.#noteFacts(sample);
    this.#writer.writeRelabelled(sample, this.#facts);
  }

  #noteFacts(sample: RelabelledSample): void {
    const { names, memory } = this.#context;
    const facts = this.#facts;
    clearFacts(facts, names.internLatin1(sample.name), 0);
    for (const { name, value } of sample.labels) {
      const kind = labelKind(name);
      if (value === '') {
        addEmptyBound(facts, kind);
        continue;
      }
      const hash = memory.engine.hashLabelText(name, value);
      facts.labelHash = (facts.labelHash + hash) | 0;
      const text = Buffer.from(`${value}"`, 'latin1');
      if (kind !== 0) addBound(facts, kind, hash, text, 0, text.length - 1);
    }
    if (sample.milliseconds !== undefined) facts.milliseconds = Number(sample.milliseconds);
    if (sample.hasExemplar) facts.flags |= HAS_EXEMPLAR;
  }

  #makeRoom(): void {
    this.#addPending();
    this.#writer.makeRoom();
    this.#notedBlocks = 0;
    this.#notedMarks = 0;
  }

  #addPending(): void {
    this.#listPending();
    this.#samples += this.#engine.pendingSamples;
    this.#checkHeld();
  }

  get #heldBytes(): number {
    return heldBytes(this.#engine.position - this.#start, this.#samples, this.#familyLists.size);
  }

  #checkHeld(): void {
    checkHeld(this.#heldBytes, this.#familyLists.size, this.#limits);
  }

  /** Notes the names and the lines of metadata that have been pending since the last time. */
  #listPending(): void {
    const { pendingMarks, pendingBlocks, pending } = this.#engine;
    for (; this.#notedMarks < pendingMarks; this.#notedMarks++) {
      this.#noteNames(pending.marks[2 * this.#notedMarks + 1] ?? 0);
      const number = pending.marks[2 * this.#notedMarks] ?? 0;
      this.#familyLists.addMetadata(this.#context.memory.metadata.line(number), number);
    }
    this.#noteNames(pendingBlocks);
  }

  #noteNames(blocks: number): void {
    const { pending } = this.#engine;
    for (; this.#notedBlocks < blocks; this.#notedBlocks++) {
      this.#familyLists.addName(pending.blockNames[this.#notedBlocks] ?? 0);
    }
  }

  #readMetadata(start: number): number {
    this.#listPending();
    const line = this.#metadata.parse(start);
    this.#engine.useMetadata(this.#context.memory.metadata.generation);
    if (line.kind === 'eof') this.#isEnded = true;
    this.#familyLists.addMetadata(line, this.#metadata.number);
    this.#checkHeld();
    return this.#metadata.end;
  }
}

function fail(message: string, offset: number): never {
  throw new MalformedBodyError(message, offset);
}
