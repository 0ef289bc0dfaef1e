import { areEqual, BRACE_CLOSE, BRACE_OPEN, byteAt, copy, digitsEnd, DOT, hashOf, LINE_FEED, SPACE, writeDecimal } from '../memory/bytes';
import { HAS_TIMESTAMP, MAX_PENDING, NAME, PREFIX } from '../memory/layout';
import { bound, boundHash, clearFacts, forgetLabels, labelFlags, labelHash, labelsEnd, readLabels, readLikeBefore, writeWithoutBlanks } from './labels';
import { findLine, isMetadata, addLine, lineEnd } from './metadata-lines';
import { hasIdentity, nameEnd, nameHash, nameLength, nameNumber, prefixLength, setIdentity, selectName } from './names';
import { floatEnd, millisecondsOf, writeSeconds } from './numbers';
import { startOrder } from '../samples/bucket-order';
import { startIndex } from '../samples/series-index';
import { position, addPending, pendingMarks, pendingSamples, addMark, startPending } from '../samples/pending';
import { clearPattern, hasBlanks, labelNameHash } from './label-pattern';
import { metNonAscii, allowNonAscii } from './values';

export {
  BOUND_HASHES,
  FLAGS,
  IDENTITY,
  LABEL_HASHES,
  LINE_STARTS,
  MAX_IDENTITY_BYTES,
  MAX_NAME_BYTES,
  MAX_RESERVED_BYTES,
  MAX_PENDING,
  MILLISECONDS,
  NEW_NAME,
  METADATA_MARKS,
  PADDING,
  RESERVED,
  BLOCK_FIRST_SAMPLES,
  BLOCK_FLAGS,
  BLOCK_NAMES,
  INPUT,
  INPUT_BYTES,
  POSSIBLE_DUPLICATES,
} from '../memory/layout';
export { clearLines } from './metadata-lines';
export { clearNames, addName } from './names';
export { forgetBucket } from '../samples/bucket-order';
export { moveIndex } from '../samples/series-index';
export {
  appendCopy,
  arenaPosition,
  arenaStart,
  clearPending,
  appendLine,
  findPossibleDuplicates,
  moveTo,
  pendingMarkCount,
  pendingBlockCount,
  pendingSampleCount,
} from '../samples/pending';
export { setKeys } from '../memory/bytes';
export { allowNonAscii } from './values';
export { excludedValueEnd, excludedValueStart, hashOthers } from '../samples/written-lines';

/** Why the scan stopped at a line: it isn't plain, its name isn't known, the pending samples must be taken over, its bytes checked. */
export const STOP_AT_LINE: u32 = 1;
export const STOP_AT_NAME: u32 = 2;
export const STOP_FULL: u32 = 3;
export const STOP_AT_BYTES: u32 = 4;

/** 0 at the end of the input. */
let stop: u32 = 0;

let readsSeconds: bool = false;
let writesSeconds: bool = false;

export function stopReason(): u32 {
  return stop;
}

/**
 * Begins a source in one of the two syntaxes. Its identity labels and the reserved names are in place. The host counts on
 * from `sample`; the index of series is at `index`.
 */
export function startSource(
  sample: u32,
  index: usize,
  slots: u32,
  identityLength: u32,
  identity: u32,
  readsOpenMetrics: bool,
  writesOpenMetrics: bool,
): void {
  startPending(sample);
  startIndex(index, slots);
  startOrder();
  setIdentity(identityLength, identity);
  clearPattern(!readsOpenMetrics);
  allowNonAscii(false);
  forgetLabels();
  readsSeconds = readsOpenMetrics;
  writesSeconds = writesOpenMetrics;
}

/** The hash of a label: of its value as it goes out, seeded with that of its written name. */
export function hashLabel(nameStart: usize, nameEnd: usize, valueStart: usize, valueEnd: usize): u32 {
  return hashOf(valueStart, valueEnd, labelNameHash(nameStart, nameEnd));
}

/** Makes a line of the input known, in the source's syntax. */
export function addMetadata(start: usize, end: usize, number: u32): void {
  addLine(start, end, readsSeconds ? 1 : 0, number);
}

/** Says that the slab holds new input. */
export function loadInput(): void {
  forgetLabels();
}

/**
 * Reads the input's plain lines from `start`, which is where a line begins, up to `end`, and writes them into the arena with
 * the identity labels added. Returns where it stopped, and says in `stop` why.
 *
 * Plain is `name{label="value",label="value"} value timestamp` with single blanks and no escapes but the known ones; a
 * comma behind the last label is taken (Java's simpleclient writes it), the braces may be missing or empty. In text, a blank behind a
 * comma is taken as well (VictoriaMetrics' library has it), and so is an empty line (prom-client).
 */
export function scan(start: usize, end: usize): usize {
  stop = 0;
  for (let line = start; line < end; ) {
    if (pendingSamples == MAX_PENDING) return stopped(STOP_FULL, line);
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
        if (at == line && isMetadata(line)) {
          const end = lineEnd(line);
          const known = findLine(line, end, readsSeconds ? 1 : 0);
          if (known == 0) return stopped(STOP_AT_LINE, line);
          if (pendingMarks == MAX_PENDING) return stopped(STOP_FULL, line);
          addMark(known);
          line = end + 1;
          continue;
        }
        if (byte == LINE_FEED && at == line && !readsSeconds) {
          line++;
          continue;
        }
        if (at == line || (byte != BRACE_OPEN && byte != SPACE)) return stopped(STOP_AT_LINE, line);
        if (!selectName(line, at)) return stopped(STOP_AT_NAME, line);
      }
      tail = at;
      if (byte == SPACE) clearFacts();
      else if (byteAt(at + 1) == BRACE_CLOSE) {
        tail = at + 2;
        clearFacts();
      } else {
        labels = at + 1;
        tail = readLabels(line, labels);
        if (tail == 0) return stopped(metNonAscii ? STOP_AT_BYTES : STOP_AT_LINE, line);
      }
    }
    if (byteAt(tail) != SPACE) return stopped(STOP_AT_LINE, line);

    let flags = labelFlags;
    const value = floatEnd(tail + 1);
    if (value == 0) return stopped(STOP_AT_LINE, line);
    let next = value;
    let milliseconds: f64 = 0;
    if (byteAt(value) != LINE_FEED) {
      if (byteAt(value) != SPACE) return stopped(STOP_AT_LINE, line);
      next = digitsEnd(value + 1);
      if (next == value + 1) return stopped(STOP_AT_LINE, line);
      if (readsSeconds && byteAt(next) == DOT) next = digitsEnd(next + 1);
      milliseconds = millisecondsOf(value + 1, next, readsSeconds);
      if (milliseconds < 0 || byteAt(next) != LINE_FEED) return stopped(STOP_AT_LINE, line);
      flags |= HAS_TIMESTAMP;
    }

    let to = copy(position, PREFIX, prefixLength);
    let from = tail;
    if (labels == 0) {
      // Over the comma, or where there are no labels at all over the brace.
      if (hasIdentity()) store<u8>(to - 1, <u8>BRACE_CLOSE);
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
      const time = <u64>milliseconds;
      to = writesSeconds ? writeSeconds(to, time) : writeDecimal(to, time);
      store<u8>(to++, <u8>LINE_FEED);
    }
    addPending(nameNumber, nameHash, to, labelHash, boundHash, flags, milliseconds, bound);
    line = next + 1;
  }
  return end;
}

// @ts-expect-error: a decorator on a function
@inline
function stopped(reason: u32, line: usize): usize {
  stop = reason;
  return line;
}
