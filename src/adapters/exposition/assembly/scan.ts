import { areEqual, BRACE_CLOSE, BRACE_OPEN, byteAt, copy, digitsEnd, DOT, hashOf, LINE_FEED, SPACE, writeDecimal } from './bytes';
import {
  BOUND_HASHES,
  FLAGS,
  HAS_BAD_LE,
  HAS_LE,
  HAS_TIMESTAMP,
  IS_OUT_OF_ORDER,
  LABEL_HASHES,
  LINE_STARTS,
  MAX_STAGED,
  MILLISECONDS,
  NAME,
  NOTES,
  PREFIX,
  RUN_FIRST_SAMPLES,
  RUN_FLAGS,
  RUN_NAMES,
  SERIES_HASHES,
} from './layout';
import { bound, boundHash, clearFacts, forgetLabels, labelFlags, labelHash, labelsEnd, readLabels, readLikeBefore } from './labels';
import { findLine, isMetadata, learnLine, lineEnd } from './metadata';
import { hasIdentity, nameEnd, nameHash, nameLength, nameNumber, prefixLength, takeIdentity, takeName } from './names';
import { floatEnd, millisecondsOf, writeSeconds } from './numbers';
import { forgetBucket, isInOrder, startOrder } from './order';
import { addStagedSeries, clearSuspects, compareStagedSeries, mix, startIndex, suspectCount } from './series';
import { clearTemplate, labelNameHash } from './template';
import { metHighByte, takeHighBytes, valueEnd } from './values';

export {
  BOUND_HASHES,
  FLAGS,
  IDENTITY,
  LABEL_HASHES,
  LINE_STARTS,
  MAX_IDENTITY_BYTES,
  MAX_NAME_BYTES,
  MAX_RESERVED_BYTES,
  MAX_STAGED,
  MILLISECONDS,
  NEW_NAME,
  NOTES,
  PADDING,
  RESERVED,
  RUN_FIRST_SAMPLES,
  RUN_FLAGS,
  RUN_NAMES,
  SLAB,
  SLAB_BYTES,
  SUSPECTS,
} from './layout';
export { clearLines } from './metadata';
export { clearNames, learnName } from './names';
export { moveIndex } from './series';
export { setSeed } from './template';
export { takeHighBytes } from './values';

/** Why the scan stopped at a line: it isn't plain, its name isn't known, the staged samples must be taken over, its bytes checked. */
export const STOP_AT_LINE: u32 = 1;
export const STOP_AT_NAME: u32 = 2;
export const STOP_FULL: u32 = 3;
export const STOP_AT_BYTES: u32 = 4;

/** 0 at the end of the input. */
let stop: u32 = 0;
/** Where the next line goes in the arena. */
let position: usize = 0;
let stagedSamples: u32 = 0;
let stagedRuns: u32 = 0;
let stagedNotes: u32 = 0;
/** The host's number for the first staged sample. */
let firstSample: u32 = 0;
let runName: u32 = 0;


let readsSeconds: bool = false;
let writesSeconds: bool = false;

/** Where the arena begins, which has the rest of the memory. */
export function arenaStart(): usize {
  return __heap_base;
}

export function stopReason(): u32 {
  return stop;
}

export function arenaPosition(): usize {
  return position;
}

export function stagedNoteCount(): u32 {
  return stagedNotes;
}

/** Says where the next line goes. */
export function moveTo(at: usize): void {
  position = at;
}

export function stagedSampleCount(): u32 {
  return stagedSamples;
}

export function stagedRunCount(): u32 {
  return stagedRuns;
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
  firstSample = sample;
  stagedSamples = 0;
  clearStaged();
  startIndex(index, slots);
  startOrder();
  takeIdentity(identityLength, identity);
  clearTemplate();
  takeHighBytes(false);
  forgetLabels();
  readsSeconds = readsOpenMetrics;
  writesSeconds = writesOpenMetrics;
}

/**
 * Looks for staged samples that may have been there before, and returns how many these are; the source may have no others. Where there are any, buckets were
 * compared with some that don't go out: they all count as out of order, and the host has a closer look.
 */
export function findSuspects(isWholeSource: bool): u32 {
  if (isWholeSource) compareStagedSeries(stagedSamples, firstSample);
  else addStagedSeries(stagedSamples, firstSample);
  if (suspectCount == 0) return 0;
  forgetBucket();
  for (let sample: u32 = 0; sample < stagedSamples; sample++) markBucket(FLAGS + (sample << 1));
  for (let run: u32 = 0; run < stagedRuns; run++) markBucket(RUN_FLAGS + (run << 1));
  return suspectCount;
}

function markBucket(at: usize): void {
  const flags = load<u16>(at);
  if ((flags & HAS_LE) != 0) store<u16>(at, <u16>(flags | IS_OUT_OF_ORDER));
}

/** Forgets the staged samples: the host has taken them over. */
export function clearStaged(): void {
  firstSample += stagedSamples;
  stagedSamples = 0;
  runName = 0;
  clearSuspects();
  stagedRuns = 0;
  stagedNotes = 0;
}

/** The hash of a label: of its value as it goes out, seeded with that of its written name. */
export function hashLabel(nameStart: usize, nameEnd: usize, valueStart: usize, valueEnd: usize): u32 {
  return hashOf(valueStart, valueEnd, labelNameHash(nameStart, nameEnd));
}

/** Takes in a line that is in the arena, up to `end`, as the next sample: one that the host has written. */
export function commit(
  name: u32,
  hostHash: u32,
  end: usize,
  labels: u32,
  bounds: u32,
  marks: u32,
  milliseconds: f64,
  le: f64,
): void {
  stage(name, hostHash, end, labels, bounds, marks, milliseconds, le);
}

// @ts-expect-error: a decorator on a function
@inline
function stage(
  name: u32,
  hostHash: u32,
  end: usize,
  labels: u32,
  bounds: u32,
  marks: u32,
  milliseconds: f64,
  le: f64,
): void {
  const sample = stagedSamples++;
  let flags = marks;
  let series = mix(hostHash + labels);
  if ((flags & HAS_TIMESTAMP) != 0) series = mix(series ^ hashOfTime(milliseconds));
  store<u32>(SERIES_HASHES + (sample << 2), series);
  if ((flags & (HAS_LE | HAS_BAD_LE)) == HAS_LE) {
    if (!isInOrder(name, labels - bounds, le, flags, milliseconds)) flags |= IS_OUT_OF_ORDER;
  }
  if (name != runName) {
    runName = name;
    store<u32>(RUN_NAMES + (stagedRuns << 2), name);
    store<u32>(RUN_FIRST_SAMPLES + (stagedRuns << 2), sample);
    store<u16>(RUN_FLAGS + (stagedRuns << 1), <u16>flags);
    stagedRuns++;
  } else {
    const all = RUN_FLAGS + (stagedRuns << 1) - 2;
    store<u16>(all, <u16>(load<u16>(all) | flags));
  }
  store<u32>(LINE_STARTS + (sample << 2), <u32>position);
  store<u32>(LABEL_HASHES + (sample << 2), labels);
  store<u32>(BOUND_HASHES + (sample << 2), bounds);
  store<u16>(FLAGS + (sample << 1), <u16>flags);
  store<f64>(MILLISECONDS + (sample << 3), milliseconds);
  position = end;
}

function hashOfTime(milliseconds: f64): u32 {
  const bits = reinterpret<u64>(milliseconds);
  return mix(<u32>bits) ^ <u32>(bits >> 32);
}

/** Makes a line of the input known, in the source's syntax. */
export function learnMetadata(start: usize, end: usize, number: u32): void {
  learnLine(start, end, readsSeconds ? 1 : 0, number);
}

/** Says that the slab holds new input. */
export function takeInput(): void {
  forgetLabels();
}

/**
 * Reads the input's plain lines from `start`, which is where a line begins, up to `end`, and writes them into the arena with
 * the identity labels added. Returns where it stopped, and says in `stop` why.
 *
 * Plain is `name{label="value",label="value"} value timestamp` with single blanks and no escapes but the known ones; a
 * comma behind the last label is taken (Java's simpleclient writes it), the braces may be missing or empty.
 */
export function scan(start: usize, end: usize): usize {
  stop = 0;
  for (let line = start; line < end; ) {
    if (stagedSamples == MAX_STAGED) return stopped(STOP_FULL, line);
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
          if (stagedNotes == MAX_STAGED) return stopped(STOP_FULL, line);
          store<u32>(NOTES + (stagedNotes << 3), known);
          store<u32>(NOTES + (stagedNotes << 3), stagedRuns, 4);
          stagedNotes++;
          line = end + 1;
          continue;
        }
        if (at == line || (byte != BRACE_OPEN && byte != SPACE)) return stopped(STOP_AT_LINE, line);
        if (!takeName(line, at)) return stopped(STOP_AT_NAME, line);
      }
      tail = at;
      if (byte == SPACE) clearFacts();
      else if (byteAt(at + 1) == BRACE_CLOSE) {
        tail = at + 2;
        clearFacts();
      } else {
        labels = at + 1;
        tail = readLabels(line, labels);
        if (tail == 0) return stopped(metHighByte ? STOP_AT_BYTES : STOP_AT_LINE, line);
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
    stage(nameNumber, nameHash, to, labelHash, boundHash, flags, milliseconds, bound);
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
