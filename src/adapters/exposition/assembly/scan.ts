import {
  areEqual,
  BRACE_CLOSE,
  BRACE_OPEN,
  byteAt,
  COMMA,
  copy,
  digitsEnd,
  DOT,
  hashOf,
  LINE_FEED,
  SPACE,
  writeDecimal,
} from './bytes';
import {
  BOUND_HASHES,
  FLAGS,
  HAS_BAD_LE,
  HAS_LE,
  HAS_QUANTILE,
  HAS_TIMESTAMP,
  IS_INF_BUCKET,
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
  SEEN_LABEL_BYTES,
  SEEN_LABELS,
  TEMPLATE,
  TEMPLATE_ENDS,
  TEMPLATE_HASHES,
  TEMPLATE_KINDS,
} from './layout';
import { findLine, isMetadata, learnLine, lineEnd } from './metadata';
import { hasIdentity, identityHash, nameEnd, nameHash, nameLength, nameNumber, prefixLength, takeIdentity, takeName } from './names';
import { exactNumber, floatEnd, isPlusInf, millisecondsOf, writeSeconds } from './numbers';
import { forgetBucket, isInOrder, startOrder } from './order';
import { addStagedSeries, clearSuspects, mix, startIndex, suspectCount } from './series';
import { clearTemplate, labelCount, labelNameHash, learnTemplate } from './template';
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

const NONE: u32 = 0xffff_ffff;

let readsSeconds: bool = false;
let writesSeconds: bool = false;

/** Labels of the template that lines of this input had. */
let seenLabels: u32 = 0;
/** The last label in which a line differed from the one before; what follows it is likely to come again, with its hash. */
let varyingLabel: u32 = NONE;
let restStart: usize = 0;
let restLength: u32 = 0;
let restHash: u32 = 0;

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
 * Looks for staged samples that may have been there before, and returns how many these are. Where there are any, buckets were
 * compared with some that don't go out: they all count as out of order, and the host has a closer look.
 */
export function findSuspects(): u32 {
  addStagedSeries(stagedSamples, firstSample);
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

/** Says that the slab holds new input: whole lines. */
export function takeInput(): void {
  forgetLabels();
}

function forgetLabels(): void {
  seenLabels = 0;
  varyingLabel = NONE;
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

    let labels: usize = 0;
    let tail = at;
    if (byte == BRACE_OPEN) {
      if (byteAt(at + 1) == BRACE_CLOSE) {
        tail = at + 2;
        clearFacts();
      } else {
        labels = at + 1;
        tail = readLabels(labels);
        if (tail == 0) return stopped(metHighByte ? STOP_AT_BYTES : STOP_AT_LINE, line);
      }
      if (byteAt(tail) != SPACE) return stopped(STOP_AT_LINE, line);
    } else clearFacts();

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

// Of the labels that were read last.
let labelsEnd: usize = 0;
let labelHash: u32 = 0;
let boundHash: u32 = 0;
let bound: f64 = 0;
let flags: u32 = 0;

// @ts-expect-error: a decorator on a function
@inline
function clearFacts(): void {
  labelHash = identityHash;
  boundHash = 0;
  flags = 0;
}

/** Reads the labels that begin here, behind the brace, and returns where they end, behind the other; 0 if they aren't plain. */
function readLabels(start: usize): usize {
  clearFacts();
  let at = start;
  let hashes = identityHash;
  let label: u32 = 0;
  let hasLearnt = false;
  let varying: u32 = NONE;
  let rest: usize = start;
  let hashesBeforeRest: u32 = 0;
  while (true) {
    const seen = SEEN_LABELS + label * SEEN_LABEL_BYTES;
    if (label < seenLabels && label != varyingLabel && areEqual(at, load<u32>(seen), load<u32>(seen, 4))) {
      // Most labels are as in the line before.
      at += load<u32>(seen, 4);
      hashes += load<u32>(seen, 8);
      const marks = load<u32>(seen, 12);
      if (marks != 0) {
        takeMarks(marks, load<u32>(seen, 8), load<f64>(seen, 16));
        varying = NONE;
      }
      if (byteAt(at - 1) == BRACE_CLOSE) {
        varyingLabel = varying;
        restStart = rest;
        restLength = <u32>(at - rest);
        restHash = hashes - hashesBeforeRest;
        labelHash = hashes;
        labelsEnd = at - 1;
        return at;
      }
      label++;
      continue;
    }
    // Otherwise its name is most often that of the template at its place.
    const nameStart = label == 0 ? 0 : load<u32>(TEMPLATE_ENDS + ((label - 1) << 2));
    const nameLength = label < labelCount ? load<u32>(TEMPLATE_ENDS + (label << 2)) - nameStart : 0;
    if (nameLength == 0 || !areEqual(at, TEMPLATE + nameStart, nameLength)) {
      if (hasLearnt || !learnTemplate(start)) return 0;
      hasLearnt = true;
      forgetLabels();
      clearFacts();
      varying = NONE;
      label = 0;
      at = start;
      hashes = identityHash;
      continue;
    }
    const valueStart = at + nameLength;
    const end = valueEnd(valueStart);
    if (end == 0) return 0;
    let hash: u32 = 0;
    let marks: u32 = 0;
    if (end > valueStart) {
      hash = hashOf(valueStart, end, load<u32>(TEMPLATE_HASHES + (label << 2)));
      hashes += hash;
      const kind = <u32>load<u8>(TEMPLATE_KINDS + label);
      if (kind != 0) {
        marks = readBound(kind, valueStart, end, seen);
        if (marks == 0) return 0;
        takeMarks(marks, hash, load<f64>(seen, 16));
      }
    }
    const next = end + 2;
    const following = byteAt(end + 1);
    if (following == COMMA && byteAt(next) == BRACE_CLOSE) {
      labelHash = hashes;
      labelsEnd = end + 1;
      return next + 1;
    }
    store<u32>(seen, <u32>at);
    store<u32>(seen, <u32>(next - at), 4);
    store<u32>(seen, hash, 8);
    store<u32>(seen, marks, 12);
    if (seenLabels <= label) seenLabels = label + 1;
    at = next;
    if (following == BRACE_CLOSE) {
      labelHash = hashes;
      labelsEnd = end + 1;
      return next;
    }
    if (following != COMMA) return 0;
    if (label == varyingLabel && areEqual(at, restStart, restLength)) {
      at += restLength;
      labelHash = hashes + restHash;
      labelsEnd = at - 1;
      return at;
    }
    varying = label;
    rest = at;
    hashesBeforeRest = hashes;
    label++;
  }
}

/** Reads the value of an `le` or `quantile` label. Returns its flags, or 0 where the host must look at it. */
function readBound(kind: u32, start: usize, end: usize, seen: usize): u32 {
  if (kind != HAS_LE) return floatEnd(start) == end ? kind : 0;
  const number = end - start == 4 && isPlusInf(start) ? Infinity : exactNumber(start, end);
  if (isNaN(number)) return 0;
  store<f64>(seen, number, 16);
  return number == Infinity ? HAS_LE | IS_INF_BUCKET : HAS_LE;
}

function takeMarks(marks: u32, hash: u32, number: f64): void {
  if ((marks & HAS_LE) != 0) bound = number;
  if ((marks & HAS_LE) != 0 || (flags & HAS_LE) == 0) boundHash = hash;
  flags |= marks;
}
