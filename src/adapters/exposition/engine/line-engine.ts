import { writeLatin1 } from './bytes.ts';
import { EngineMemory } from './engine-memory.ts';
import { instantiateEngine, type EngineConstants, type EngineFunctions } from './engine-module.ts';
import { lineFault, type LineFault } from './line-faults.ts';
import type { PendingSamples } from './pending-samples.ts';

/**
 * Why a scan stopped: at the end of its input; at metadata or a name that it doesn't know; with no room for pending samples; at bytes
 * beyond ASCII, of which it must know whether they are UTF-8; at a line that the arena has no room for, that goes on behind the input,
 * or that is refused.
 */
export type StopReason = (typeof STOP_REASONS)[number];
const STOP_REASONS = ['end', 'metadata', 'name', 'full', 'bytes', 'room', 'unfinished', 'refused'] as const;

/** How a source's lines are read and written. */
export interface LineRules {
  readonly readsOpenMetrics: boolean;
  readonly writesOpenMetrics: boolean;
  /** Are names spelled with underscores that are no classic ones? */
  readonly writesUnderscores: boolean;
  /** Does a label of the target's own stay against the identity's? */
  readonly honorsLabels: boolean;
}

/** What a line can become longer by, beside its identity labels: separators, and a timestamp in the other unit. */
const LINE_MARGIN_BYTES = 64;
/** Room beside that for names that grow. */
const SPARE_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;
/** Slots of the index of series: a power of two, at least twice the samples. */
const FIRST_SLOTS = 4096;
const SLOT_BYTES = 8;

/**
 * The way through a body, in WebAssembly: reads sample lines and writes them, relabelled, into its memory. Metadata is the caller's.
 *
 * Its memory holds, behind a fixed part, the arena: the lines of one merge, one behind the other.
 */
export class LineEngine {
  readonly arenaStart: number;
  readonly #functions: EngineFunctions;
  readonly #memory: EngineMemory;
  readonly #at: EngineConstants;
  #identityBytes = 0;
  #inputStart = 0;
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

  /** Begins a source that gets these labels: `name="value",…`, one character per byte. Its samples are counted on from `sample`. */
  startSource(sample: number, identity: string, rules: LineRules): void {
    const { IDENTITY, MAX_IDENTITY_BYTES } = this.#at;
    this.#identityBytes = identity.length;
    const at = identity.length <= MAX_IDENTITY_BYTES ? IDENTITY : this.#take(identity.length);
    writeLatin1(this.view, at, identity);
    this.#slots = FIRST_SLOTS;
    const index = this.#indexOf(FIRST_SLOTS);
    this.#functions.startSource(
      sample,
      index,
      FIRST_SLOTS,
      at,
      identity.length,
      rules.readsOpenMetrics,
      rules.writesOpenMetrics,
      rules.writesUnderscores,
      rules.honorsLabels,
    );
  }

  /** Bytes that it is given at a time; more only where a line is longer. */
  get inputBytes(): number {
    return this.#at.INPUT_BYTES;
  }

  /**
   * Takes the lines that begin at `start`, so far as they are within so many bytes, and returns where they end; a first line that is
   * longer it takes as a whole. Only the last may go on behind it: where a line feed stands in quotes. So many bytes must be free in the
   * arena beside what the lines take by themselves.
   */
  loadInput(body: Uint8Array, start: number, byteLength: number, spareBytes: number): number {
    const { INPUT, INPUT_BYTES, PADDING } = this.#at;
    const limit = Math.min(start + byteLength, body.length);
    const last = byteLength <= INPUT_BYTES ? body.lastIndexOf(LINE_FEED, limit - 1) + 1 : 0;
    const end = last > start ? last : body.indexOf(LINE_FEED, limit - 1) + 1 || body.length;
    const length = end - start;
    const room = length + this.#roomForPending + SPARE_BYTES + spareBytes;
    this.#inputStart = INPUT;
    if (length <= INPUT_BYTES) this.ensureRoom(room);
    else {
      // Its escapes may double a long line.
      this.#inputStart = this.position + room + length;
      this.ensureRoom(room + 2 * length + PADDING + this.#functions.scratchBytesFor(length));
    }
    this.bytes.set(body.subarray(start, end), this.#inputStart);
    this.#inputEnd = this.#inputStart + length;
    this.#functions.loadInput(this.#inputStart, length, end === body.length);
    return end;
  }

  /** Is the input where the arena has to grow for more samples? Then it must be loaded again once they are taken over. */
  get hasLargeInput(): boolean {
    return this.#inputStart !== this.#at.INPUT;
  }

  /** Says whether the source's body is UTF-8. */
  allowNonAscii(isUtf8: boolean): void {
    this.#functions.allowNonAscii(isUtf8);
  }

  /** Reads lines from the place in its input on, counted from the input's start, and returns where it stopped. */
  scan(from: number): number {
    return this.#functions.scan(this.#inputStart + from, this.#inputEnd) - this.#inputStart;
  }

  get stopReason(): StopReason {
    return STOP_REASONS[this.#functions.stopReason()] ?? 'end';
  }

  /** What is wrong with the line that is refused; its place is counted from the input's start. */
  get fault(): LineFault {
    return lineFault(this.#functions.faultReason(), this.#functions.faultPlace() - this.#inputStart);
  }

  /** Bytes that the line needs which the arena has no room for. */
  get missingBytes(): number {
    return this.#functions.missingBytes();
  }

  /** Samples and exemplars of the source that the output's format can't hold. */
  get lost(): { readonly samples: number; readonly exemplars: number } {
    return { samples: this.#functions.lostSampleCount(), exemplars: this.#functions.lostExemplarCount() };
  }

  /** Where the name is in its memory that it stopped for, as it goes out. */
  get wantedName(): { readonly start: number; readonly end: number } {
    return { start: this.#functions.wantedNameStart(), end: this.#functions.wantedNameEnd() };
  }

  /** Says which number that name has. */
  addName(name: number, hash: number): void {
    this.#functions.addName(name, hash);
  }

  /** Says which number the line of metadata [start, end), counted from the input's start, has in `marks`. */
  addMetadata(start: number, end: number, number: number): void {
    this.#functions.addMetadata(this.#inputStart + start, this.#inputStart + end, number);
  }

  /** Forgets all lines of metadata where their numbers mean something else now. */
  useMetadata(generation: number): void {
    if (generation === this.#metadataGeneration) return;
    if (this.#metadataGeneration !== undefined) this.#functions.clearLines();
    this.#metadataGeneration = generation;
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
    this.ensureRoom(this.#at.INPUT_BYTES + this.#roomForPending);
  }

  /** What the lines of the samples that may be pending take beside what they have in the input. */
  get #roomForPending(): number {
    return this.#at.MAX_PENDING * (this.#identityBytes + LINE_MARGIN_BYTES);
  }

  /** The hash of a label with its written name and its value as it goes out, both in the engine's memory. */
  hashLabel(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): number {
    return this.#functions.hashLabel(nameStart, nameEnd, valueStart, valueEnd);
  }

  /** Are two written lines of the same series, whatever the order of their labels? */
  areSameSeries(line: number, other: number): boolean {
    return this.#functions.areSameSeries(line, other) !== 0;
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
    const at = this.#take(slots * SLOT_BYTES);
    this.#indexes.set(slots, at);
    return at;
  }

  /** Takes so many bytes of the arena, between the lines. */
  #take(byteLength: number): number {
    this.ensureRoom(byteLength + SLOT_BYTES);
    const at = Math.ceil(this.position / SLOT_BYTES) * SLOT_BYTES;
    this.advanceTo(at + byteLength);
    return at;
  }
}
