import { isUtf8 } from 'node:buffer';
import type { Syntax } from '../../../domain/exposition/format.ts';
import { checkHeld, checkSamples, heldBytes, OverBudgetError, type BodyLimits } from './body-limits.ts';
import type { FamilyListBuilder } from '../samples/family-list.ts';
import { HASH, LINE_FEED, latin1 } from '../engine/bytes.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import type { LineWriter } from './line-writer.ts';
import { MalformedBodyError } from './malformed-body-error.ts';
import type { BodyContents } from '../samples/merged-source.ts';
import type { MergeContext } from '../samples/merge-context.ts';
import { MetadataParser } from './metadata-parser.ts';

/** No program has a name as long. */
const MAX_NAME_BYTES = 128 * 1024;

/** Reads one body from its first line to its last: the engine checks and writes its samples, metadata is read here. */
export class BodyReader {
  readonly #body: Buffer;
  readonly #syntax: Syntax;
  readonly #context: MergeContext;
  readonly #writer: LineWriter;
  readonly #engine: LineEngine;
  readonly #metadata: MetadataParser;
  readonly #familyLists: FamilyListBuilder;
  /** Runs that the engine has pending and whose names were noted. */
  #notedBlocks = 0;
  #notedMarks = 0;
  /** Samples that were taken over. */
  #samples = 0;
  #isEnded = false;
  /** What the next input must have at least, and what the arena must have room for beside it. */
  #inputBytes: number;
  #spareBytes = 0;
  readonly #start: number;
  #limits: BodyLimits = { samples: 0, heldBytes: Infinity };

  constructor(body: Buffer, syntax: Syntax, context: MergeContext, writer: LineWriter) {
    this.#body = body;
    this.#syntax = syntax;
    this.#context = context;
    this.#writer = writer;
    this.#engine = context.memory.engine;
    this.#inputBytes = this.#engine.inputBytes;
    this.#metadata = new MetadataParser(body, syntax, context.memory.metadata);
    this.#familyLists = context.memory.familyLists;
    this.#start = this.#engine.position;
  }

  /** Throws MalformedBodyError, or TooManySamplesError and OverBudgetError beyond the limits. */
  scan(limits: BodyLimits): BodyContents {
    const { length } = this.#body;
    this.#limits = limits;
    this.#familyLists.start(this.#context.output);
    this.#engine.useMetadata(this.#context.memory.metadata.generation);
    for (let at = 0; at < length;) {
      if (this.#isEnded) return fail('text behind # EOF', at);
      at = this.#isLongMetadata(at) ? this.#readMetadata(at) : this.#readInput(at);
      checkSamples(this.#allSamples, limits);
    }
    this.#addPending();
    this.#writer.finishSource();
    if (this.#syntax === 'openmetrics' && length > 0 && !this.#isEnded)
      return fail('no # EOF at the end', length - 1);
    const { samples, exemplars } = this.#engine.lost;
    return {
      syntax: this.#syntax,
      samples: this.#allSamples,
      heldBytes: this.#heldBytes,
      unrepresentable: samples + exemplars,
      families: this.#familyLists.finish(),
    };
  }

  /** Is it a line that the engine need not be given at all? */
  #isLongMetadata(start: number): boolean {
    return (
      this.#body[start] === HASH && this.#body.indexOf(LINE_FEED, start) > start + this.#engine.inputBytes
    );
  }

  /** Gives the engine the lines from `start` on, and returns where the first one begins that it must be given anew. */
  #readInput(start: number): number {
    const engine = this.#engine;
    const end = engine.loadInput(this.#body, start, this.#inputBytes, this.#spareBytes);
    this.#inputBytes = engine.inputBytes;
    this.#spareBytes = 0;
    let at = start;
    while (at < end) {
      at = start + engine.scan(at - start);
      switch (engine.stopReason) {
        case 'metadata':
          at = this.#readStopped(start, at);
          if (this.#isEnded) return at;
          break;
        case 'name':
          this.#addName();
          break;
        case 'full':
          this.#makeRoom();
          if (engine.hasLargeInput) return at;
          break;
        case 'bytes':
          engine.allowNonAscii(isUtf8(this.#body));
          break;
        case 'room':
          this.#spareBytes = engine.missingBytes;
          if (at === start) this.#inputBytes = end - start;
          this.#makeRoom();
          return at;
        case 'unfinished':
          if (at === start) this.#inputBytes = 2 * (end - start);
          return at;
        case 'refused':
          return this.#refuse(start);
        case 'end':
          return end;
      }
    }
    return at;
  }

  /** Reads the line of metadata that the engine stopped at; it knows it next time. */
  #readStopped(inputStart: number, start: number): number {
    const lineEnd = this.#readMetadata(start);
    const { number } = this.#metadata;
    if (this.#body[start] !== HASH || number === undefined || this.#isEnded) return lineEnd;
    this.#engine.addMetadata(start - inputStart, lineEnd - 1 - inputStart, number);
    return lineEnd;
  }

  #addName(): void {
    const { names } = this.#context;
    const { start, end } = this.#engine.wantedName;
    if (end - start > MAX_NAME_BYTES)
      throw new OverBudgetError(`a name of more than ${MAX_NAME_BYTES} bytes`);
    const name = names.internLatin1(latin1(this.#engine.bytes, start, end));
    this.#engine.addName(name, names.hashOf(name));
  }

  #refuse(inputStart: number): never {
    const { message, at, isTooLarge } = this.#engine.fault;
    if (isTooLarge) throw new OverBudgetError(message);
    return fail(message, inputStart + at);
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

  /** Samples that were read. */
  get #allSamples(): number {
    return this.#samples + this.#engine.pendingSamples + this.#engine.lost.samples;
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
