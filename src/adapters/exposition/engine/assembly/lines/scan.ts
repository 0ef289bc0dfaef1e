import { areEqual, BRACE_CLOSE, BRACE_OPEN, byteAt, copy, digitsEnd, DOT, HASH, LINE_FEED, SPACE, writeDecimal } from '../memory/bytes';
import { startInput } from '../memory/input';
import { HAS_TIMESTAMP, MAX_IDENTITY_BYTES, MAX_PENDING, NAME, PREFIX } from '../memory/layout';
import { bound, boundHash, clearFacts, forgetLabels, labelFlags, labelHash, labelsEnd, readLabels, readLikeBefore, writeWithoutBlanks } from './labels';
import { findLine, addLine, lineEnd } from './metadata-lines';
import { nameEnd, nameHash, nameLength, nameNumber, prefixLength, selectName, startNames } from '../names/names';
import { floatEnd, millisecondsOf, writeDigitsAsSeconds } from '../grammar/numbers';
import { startOrder } from '../samples/bucket-order';
import { startIndex } from '../samples/series-index';
import { position, addPending, pendingMarks, pendingSamples, addMark, startPending } from '../samples/pending';
import { clearPattern, hasBlanks } from './label-pattern';
import { faultReason, UNFINISHED } from '../grammar/faults';
import { identityLength, setIdentity } from '../names/identity';
import { blanksEnd, readText } from '../grammar/label-block';
import { setNaming } from '../names/new-names';
import { forgetLine } from './line-before';
import { isPlainNext, leftFor, readSampleLine, startLines, WITHOUT_NAME, WITHOUT_ROOM } from './sample-line';
import { metNonAscii, startValues } from '../grammar/values';

export {
  BOUND_HASHES,
  FLAGS,
  HAS_BAD_LE,
  HAS_BAD_QUANTILE,
  HAS_EXEMPLAR,
  HAS_LE,
  HAS_QUANTILE,
  HAS_TIMESTAMP,
  IDENTITY,
  IS_INF_BUCKET,
  IS_OUT_OF_ORDER,
  LABEL_HASHES,
  LINE_STARTS,
  MAX_IDENTITY_BYTES,
  MAX_PENDING,
  MILLISECONDS,
  METADATA_MARKS,
  PADDING,
  BLOCK_FIRST_SAMPLES,
  BLOCK_FLAGS,
  BLOCK_NAMES,
  INPUT,
  INPUT_BYTES,
  POSSIBLE_DUPLICATES,
} from '../memory/layout';
export { clearLines } from './metadata-lines';
export { clearNames, addName, wantedNameEnd, wantedNameStart } from '../names/names';
export { forgetBucket } from '../samples/bucket-order';
export { moveIndex } from '../samples/series-index';
export {
  appendCopy,
  arenaPosition,
  arenaStart,
  clearPending,
  findPossibleDuplicates,
  moveTo,
  pendingMarkCount,
  pendingBlockCount,
  pendingSampleCount,
} from '../samples/pending';
export { setKeys } from '../memory/bytes';
export { scratchBytesFor } from '../memory/input';
export { allowNonAscii } from '../grammar/values';
export { faultPlace, faultReason } from '../grammar/faults';
export { hashLabel } from './label-pattern';
export { lostExemplarCount, lostSampleCount, missingBytes } from './sample-line';
export { areSameSeries } from '../samples/same-series';
export { excludedValueEnd, excludedValueStart, hashOthers } from '../samples/written-lines';

/**
 * Why the scan stopped at a line: it is metadata that isn't known, its name isn't known, the pending samples must be taken over,
 * the body's bytes checked, the arena has no room for it, it goes on behind the input, or it is refused.
 */
export const STOP_AT_METADATA: u32 = 1;
export const STOP_AT_NAME: u32 = 2;
export const STOP_FULL: u32 = 3;
export const STOP_AT_BYTES: u32 = 4;
export const STOP_WITHOUT_ROOM: u32 = 5;
export const STOP_UNFINISHED: u32 = 6;
export const STOP_REFUSED: u32 = 7;

/** 0 at the end of the input. */
let stop: u32 = 0;

let readsSeconds: bool = false;
let writesSeconds: bool = false;
/** Is the identity's text so short that plain lines have room for it? */
let takesPlain: bool = false;

export function stopReason(): u32 {
  return stop;
}

/**
 * Begins a source in one of the two syntaxes. Its identity labels are in place. The host counts on from `sample`; the index of
 * series is at `index`.
 */
export function startSource(
  sample: u32,
  index: usize,
  slots: u32,
  identity: usize,
  identityBytes: u32,
  readsOpenMetrics: bool,
  writesOpenMetrics: bool,
  writesUnderscores: bool,
  honorsLabels: bool,
): void {
  startPending(sample);
  startIndex(index, slots);
  startOrder();
  setIdentity(identity, identityBytes);
  takesPlain = identityBytes <= MAX_IDENTITY_BYTES;
  startNames();
  startValues();
  clearPattern(!readsOpenMetrics);
  forgetLabels();
  readText(!readsOpenMetrics);
  setNaming(writesUnderscores, honorsLabels);
  startLines(writesOpenMetrics);
  readsSeconds = readsOpenMetrics;
  writesSeconds = writesOpenMetrics;
}

/** Makes a line of the input known, in the source's syntax. */
export function addMetadata(start: usize, end: usize, number: u32): void {
  addLine(start, end, readsSeconds ? 1 : 0, number);
}

/** Says where new input is, of so many bytes; is it the body's last? */
export function loadInput(start: usize, length: u32, isLast: bool): void {
  startInput(start, length, isLast);
  forgetLabels();
  forgetLine();
}

/**
 * Reads the input's lines from `start`, which is where a line begins, up to `end`, and writes its samples into the arena with
 * the identity labels added. Returns where it stopped, and says in `stop` why.
 */
export function scan(start: usize, end: usize): usize {
  stop = 0;
  for (let line = start; line < end; ) {
    if (pendingSamples == MAX_PENDING) return stopped(STOP_FULL, line);
    let next: usize = isPlainNext && takesPlain ? readPlain(line) : 0;
    if (next == 0) {
      if (stop != 0) return line;
      next = readAny(line);
      if (next == 0) return line;
    }
    line = next;
  }
  return end;
}

/** Reads the line that begins here, and returns where the next one begins; 0 where it must stop. */
function readAny(line: usize): usize {
  const start = blanksEnd(line);
  const byte = byteAt(start);
  if (byte == LINE_FEED && !readsSeconds) return start + 1;
  if (byte == HASH) {
    const end = lineEnd(line);
    const known = findLine(line, end, readsSeconds ? 1 : 0);
    if (known == 0) return stopped(STOP_AT_METADATA, 0);
    if (pendingMarks == MAX_PENDING) return stopped(STOP_FULL, 0);
    addMark(known);
    return end + 1;
  }
  const next = readSampleLine(line);
  if (next != 0) return next;
  if (leftFor == WITHOUT_NAME) return stopped(STOP_AT_NAME, 0);
  if (leftFor == WITHOUT_ROOM) return stopped(STOP_WITHOUT_ROOM, 0);
  return stopped(faultReason() == UNFINISHED ? STOP_UNFINISHED : STOP_REFUSED, 0);
}

/**
 * Reads the line that begins here and returns where the next one begins; 0 where it isn't plain.
 *
 * Plain is `name{label="value",label="value"} value timestamp` with single blanks and no escapes but the known ones; a
 * comma behind the last label is taken (Java's simpleclient writes it), the braces may be missing or empty. In text, a blank behind a
 * comma is taken as well (VictoriaMetrics' library has it).
 */
// @ts-expect-error: a decorator on a function
@inline
function readPlain(line: usize): usize {
  let tail = readLikeBefore(line);
  let labels: usize = tail == 0 ? 0 : line + nameLength + 1;
  if (tail == 0) {
    let at: usize = 0;
    let byte: u32 = 0;
    if (nameLength > 0 && areEqual(line, NAME, nameLength)) {
      at = line + nameLength;
      byte = byteAt(at);
    }
    if (byte != BRACE_OPEN && byte != SPACE) {
      at = nameEnd(line);
      byte = byteAt(at);
      if (at == line || (byte != BRACE_OPEN && byte != SPACE) || !selectName(line, at)) return 0;
    }
    tail = at;
    if (byte == SPACE) clearFacts();
    else if (byteAt(at + 1) == BRACE_CLOSE) {
      tail = at + 2;
      clearFacts();
    } else {
      labels = at + 1;
      tail = readLabels(line, labels);
      if (tail == 0) return metNonAscii ? stopped(STOP_AT_BYTES, 0) : 0;
    }
  }
  if (byteAt(tail) != SPACE) return 0;

  let flags = labelFlags;
  const value = floatEnd(tail + 1);
  if (value == 0) return 0;
  let next = value;
  let milliseconds: f64 = 0;
  if (byteAt(value) != LINE_FEED) {
    if (byteAt(value) != SPACE) return 0;
    next = digitsEnd(value + 1);
    if (next == value + 1) return 0;
    if (readsSeconds && byteAt(next) == DOT) next = digitsEnd(next + 1);
    milliseconds = millisecondsOf(value + 1, next, readsSeconds);
    if (milliseconds < 0 || byteAt(next) != LINE_FEED) return 0;
    flags |= HAS_TIMESTAMP;
  }

  let to = copy(position, PREFIX, prefixLength);
  let from = tail;
  if (labels == 0) {
    // Over the comma, or where there are no labels at all over the brace.
    if (identityLength > 0) store<u8>(to - 1, <u8>BRACE_CLOSE);
    else to--;
  } else if (hasBlanks) {
    to = writeWithoutBlanks(to);
  } else if (labelsEnd + 1 == tail) {
    from = labels;
  } else {
    to = copy(to, labels, <u32>(labelsEnd - labels));
    store<u8>(to++, <u8>BRACE_CLOSE);
  }
  if ((flags & HAS_TIMESTAMP) == 0 || readsSeconds == writesSeconds) {
    to = copy(to, from, <u32>(next + 1 - from));
  } else {
    to = copy(to, from, <u32>(value - from));
    store<u8>(to++, <u8>SPACE);
    to = writesSeconds ? writeDigitsAsSeconds(to, value + 1, next) : writeDecimal(to, <u64>milliseconds);
    store<u8>(to++, <u8>LINE_FEED);
  }
  addPending(nameNumber, nameHash, to, labelHash, boundHash, flags, milliseconds, 0, bound);
  return next + 1;
}

// @ts-expect-error: a decorator on a function
@inline
function stopped(reason: u32, line: usize): usize {
  stop = reason;
  return line;
}
