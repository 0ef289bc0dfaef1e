import { writeLatin1 } from '../lines/bytes.ts';
import { EngineMemory } from './engine-memory.ts';
import { instantiateEngine, type EngineConstants, type EngineFunctions } from './engine-module.ts';
import type { SampleFacts } from './sample-facts.ts';
import { HAS_TIMESTAMP } from './sample-flags.ts';
import type { PendingSamples } from './pending-samples.ts';

/**
 * Why a scan stopped: at the end of its input, at a line that isn't plain, at a new name, with no room for pending samples, or at a
 * line with bytes beyond ASCII that it doesn't know to be UTF-8.
 */
export type StopReason = (typeof STOP_REASONS)[number];
const STOP_REASONS = ['end', 'line', 'name', 'full', 'bytes'] as const;

/** The identity labels of a source, as the engine needs them. */
export interface SourceIdentity {
  /** `name="value",…`, one character per byte. */
  readonly text: string;
  /** Label names that leave a sample's line to the caller. */
  readonly reserved: readonly string[];
  /** What the labels add to the hash of a sample's labels. */
  readonly hash: number;
}

/** What a line can become longer by, beside its identity labels: separators, and a timestamp in the other unit. */
const LINE_MARGIN_BYTES = 64;
const LINE_FEED = 0x0a;
/** Slots of the index of series: a power of two, at least twice the samples. */
const FIRST_SLOTS = 4096;
const SLOT_BYTES = 8;

/**
 * The quick way through a body, in WebAssembly: reads sample lines that are written as nearly every program writes them,
 * and writes them, relabelled, into its memory. The lines that it doesn't take are the caller's.
 *
 * Its memory holds, behind a fixed part, the arena: the lines of one merge, one behind the other.
 */
export class LineEngine {
  readonly arenaStart: number;
  readonly #functions: EngineFunctions;
  readonly #memory: EngineMemory;
  readonly #at: EngineConstants;
  #roomForPending = 0;
  #acceptsInput = false;
  #inputEnd = 0;
  /** Where in the arena there is room for an index of so many slots. */
  readonly #indexes = new Map<number, number>();
  #slots = 0;
  #metadataGeneration: number | undefined;

  constructor(seed: number) {
    const { functions, memory, constants } = instantiateEngine();
    this.#functions = functions;
    this.#memory = new EngineMemory(memory, constants);
    this.#at = constants;
    this.arenaStart = functions.arenaStart();
    functions.setKeys(seed);
    this.startMerge();
  }

  /** All of its memory; another array after `ensureRoom`. */
  get bytes(): Buffer {
    return this.#memory.bytes;
  }

  /** The same, for words. */
  get view(): DataView {
    return this.#memory.view;
  }

  get pending(): PendingSamples {
    return this.#memory.pending;
  }

  /** Where the next line goes in the arena. */
  get position(): number {
    return this.#functions.arenaPosition();
  }

  get pendingMarks(): number {
    return this.#functions.pendingMarkCount();
  }

  /** Looks for pending samples that may have been there before, and returns how many `possibleDuplicates` there are; are they all of it? */
  findPossibleDuplicates(isWholeSource: boolean): number {
    return this.#functions.findPossibleDuplicates(isWholeSource);
  }

  /** Says that the last bucket may be one that doesn't go out. */
  forgetBucket(): void {
    this.#functions.forgetBucket();
  }

  get pendingSamples(): number {
    return this.#functions.pendingSampleCount();
  }

  get pendingBlocks(): number {
    return this.#functions.pendingBlockCount();
  }

  /** Begins a merge: the arena is empty. */
  startMerge(): void {
    this.#indexes.clear();
    this.advanceTo(this.arenaStart);
  }

  /** Names have no numbers any more. */
  forgetNames(): void {
    this.#functions.clearNames();
  }

  /** Forgets the lines from this place of the arena on. */
  rewind(position: number): void {
    for (const [slots, at] of this.#indexes) if (at >= position) this.#indexes.delete(slots);
    this.#functions.moveTo(position);
  }

  /** Says that the arena is filled up to this place. */
  advanceTo(position: number): void {
    this.#functions.moveTo(position);
  }

  /** Begins a source, in either syntax; so is the output. Its samples are counted on from `sample`. */
  startSource(
    sample: number,
    identity: SourceIdentity,
    readsOpenMetrics: boolean,
    writesOpenMetrics: boolean,
  ): void {
    const { MAX_IDENTITY_BYTES, MAX_RESERVED_BYTES, MAX_PENDING, INPUT_BYTES, IDENTITY, RESERVED } = this.#at;
    const { text, reserved } = identity;
    const reservedText = `${reserved.map((name) => String.fromCharCode(name.length) + name).join('')}\0`;
    this.#acceptsInput =
      text.length <= MAX_IDENTITY_BYTES &&
      reservedText.length <= MAX_RESERVED_BYTES &&
      reserved.every((name) => name.length < 256);
    this.#roomForPending = INPUT_BYTES + MAX_PENDING * (text.length + LINE_MARGIN_BYTES);
    if (this.#acceptsInput) {
      writeLatin1(this.view, IDENTITY, text);
      writeLatin1(this.view, RESERVED, reservedText);
    }
    const identityLength = this.#acceptsInput ? text.length : 0;
    this.#slots = FIRST_SLOTS;
    const index = this.#indexOf(FIRST_SLOTS);
    this.#functions.startSource(
      sample,
      index,
      FIRST_SLOTS,
      identityLength,
      identity.hash,
      readsOpenMetrics,
      writesOpenMetrics,
    );
  }

  /**
   * Takes the lines that begin at `start` as its input, as many as it has room for, and returns where they end; that is `start` itself
   * where there is none that it can take. Only the last may go on behind it: where a line feed stands in quotes.
   */
  loadInput(body: Uint8Array, start: number): number {
    if (!this.#acceptsInput) return start;
    const { INPUT, INPUT_BYTES } = this.#at;
    const end = body.lastIndexOf(LINE_FEED, Math.min(start + INPUT_BYTES, body.length) - 1) + 1;
    if (end <= start) return start;
    this.ensureRoom(this.#roomForPending);
    this.bytes.set(body.subarray(start, end), INPUT);
    this.#inputEnd = INPUT + end - start;
    this.#functions.loadInput();
    return end;
  }

  /** Says that the source's body is UTF-8. */
  allowNonAscii(): void {
    this.#functions.allowNonAscii(true);
  }

  /** Reads plain lines from the place in its input on, counted from the input's start, and returns where it stopped. */
  scan(from: number): number {
    const { INPUT } = this.#at;
    return this.#functions.scan(INPUT + from, this.#inputEnd) - INPUT;
  }

  get stopReason(): StopReason {
    return STOP_REASONS[this.#functions.stopReason()] ?? 'end';
  }

  /** Says which number the name [start, end) of the body has, that it stopped at. False where the name is too long for it. */
  addName(body: Uint8Array, start: number, end: number, name: number, hash: number): boolean {
    if (end - start > this.#at.MAX_NAME_BYTES) return false;
    this.bytes.set(body.subarray(start, end), this.#at.NEW_NAME);
    this.#functions.addName(end - start, name, hash);
    return true;
  }

  /** Says which number the line of metadata [start, end), counted from the input's start, has in `marks`. */
  addMetadata(start: number, end: number, number: number): void {
    const { INPUT } = this.#at;
    this.#functions.addMetadata(INPUT + start, INPUT + end, number);
  }

  /** Forgets all lines of metadata where their numbers mean something else now. */
  useMetadata(generation: number): void {
    if (generation === this.#metadataGeneration) return;
    if (this.#metadataGeneration !== undefined) this.#functions.clearLines();
    this.#metadataGeneration = generation;
  }

  /** May another sample be committed, or must the pending ones be taken over first? */
  get isFull(): boolean {
    return this.pendingSamples === this.#at.MAX_PENDING;
  }

  /** Stages the sample whose line the caller has written at `position`, up to `end`. */
  appendLine(
    nameHash: number,
    { name, labelHash, boundHash, flags, milliseconds, bound }: SampleFacts,
    end: number,
  ): void {
    const hasTimestamp = !Number.isNaN(milliseconds);
    const allFlags = flags | (hasTimestamp ? HAS_TIMESTAMP : 0);
    this.#functions.appendLine(
      name,
      nameHash,
      end,
      labelHash,
      boundHash,
      allFlags,
      hasTimestamp ? milliseconds : 0,
      bound,
    );
  }

  /** The pending samples have been taken over. */
  clearPending(): void {
    this.#functions.clearPending();
  }

  /** Makes room for more samples of a source that has had so many. */
  ensurePending(samples: number): void {
    if ((samples + this.#at.MAX_PENDING) * 2 > this.#slots) {
      this.#slots *= 2;
      this.#functions.moveIndex(this.#indexOf(this.#slots), this.#slots);
    }
    this.ensureRoom(this.#roomForPending);
  }

  /** The hash of a label with its written name and its value as it goes out, both in the engine's memory. */
  hashLabel(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): number {
    return this.#functions.hashLabel(nameStart, nameEnd, valueStart, valueEnd);
  }

  /** The same for strings with one character per byte. */
  hashLabelText(name: string, value: string): number {
    this.ensureRoom(name.length + value.length);
    const start = this.position;
    const valueStart = writeLatin1(this.view, start, name);
    return this.hashLabel(start, valueStart, valueStart, writeLatin1(this.view, valueStart, value));
  }

  /** A second hash of the labels of a written line, without the one with this written name. */
  hashOthers(line: number, excluded: Uint8Array): number {
    return this.#functions.hashOthers(line, this.place(excluded), excluded.length) >>> 0;
  }

  /** The range of the value of the label with this written name in a written line; it starts at 0 if there is none. */
  findLabel(line: number, name: Uint8Array): { readonly start: number; readonly end: number } {
    // The module finds it while it hashes the others.
    this.hashOthers(line, name);
    return { start: this.#functions.excludedValueStart(), end: this.#functions.excludedValueEnd() };
  }

  /** Appends a copy of the bytes [start, end) of its memory to the arena. */
  appendCopy(start: number, end: number): void {
    this.ensureRoom(end - start);
    this.#functions.appendCopy(start, end);
  }

  /** Puts bytes behind the arena's lines, for a moment, and returns where. */
  place(bytes: Uint8Array): number {
    this.ensureRoom(bytes.length);
    this.bytes.set(bytes, this.position);
    return this.position;
  }

  /** Makes room in the arena for so many bytes. Throws EngineFullError. */
  ensureRoom(byteLength: number): void {
    this.#memory.ensure(this.position + byteLength);
  }

  /** Room for an index, in the arena between the lines: sources after this one use it again. */
  #indexOf(slots: number): number {
    const known = this.#indexes.get(slots);
    if (known !== undefined) return known;
    const byteLength = slots * SLOT_BYTES;
    this.ensureRoom(byteLength + SLOT_BYTES);
    const at = Math.ceil(this.position / SLOT_BYTES) * SLOT_BYTES;
    this.advanceTo(at + byteLength);
    this.#indexes.set(slots, at);
    return at;
  }
}
