import { areEqual, areEqualLong, BRACE_CLOSE, byteAt, COMMA, copy, hashOf } from '../memory/bytes';
import {
  HAS_LE,
  IS_INF_BUCKET,
  SEEN_LABEL_BYTES,
  SEEN_LABELS,
  PATTERN,
  PATTERN_ENDS,
  PATTERN_HASHES,
  PATTERN_KINDS,
} from '../memory/layout';
import { identityHash } from '../names/identity';
import { nameNumber } from '../names/names';
import { nearNumber, floatEnd, isPlusInf } from '../grammar/numbers';
import { behindBlank, hasBlanks, labelCount, learnPattern } from './label-pattern';
import { valueEnd } from '../grammar/values';

const NONE: u32 = 0xffff_ffff;

/** Labels of the template that lines of this input had. */
let seenLabels: u32 = 0;
/**
 * The last label in which a line differed from the one before. What stands before its value and what follows it is likely to come
 * again: both are kept with the hash of their labels, and with the name's number.
 */
let varyingLabel: u32 = NONE;
let headName: u32 = 0;
let headStart: usize = 0;
/** 0 where there is nothing to compare with. */
let headLength: u32 = 0;
let headHash: u32 = 0;
let restStart: usize = 0;
let restLength: u32 = 0;
let restHash: u32 = 0;

// Of the labels that were read last.
export let labelsEnd: usize = 0;
export let labelHash: u32 = 0;
export let boundHash: u32 = 0;
export let bound: f64 = 0;
export let labelFlags: u32 = 0;
/** Where the last of them is among those of the template. */
let lastLabel: u32 = 0;

/** Forgets the labels of the lines before: they are not in the slab any more. */
export function forgetLabels(): void {
  seenLabels = 0;
  varyingLabel = NONE;
  headLength = 0;
}

/** For a line without labels. */
// @ts-expect-error: a decorator on a function
@inline
export function clearFacts(): void {
  labelHash = identityHash;
  boundHash = 0;
  labelFlags = 0;
}

/** Reads name and labels of a line that differs from the one before in one value alone; otherwise 0. See `readLabels`. */
// @ts-expect-error: a decorator on a function
@inline
export function readLikeBefore(line: usize): usize {
  if (headLength == 0 || headName != nameNumber || !areEqualLong(line, headStart, headLength)) return 0;
  clearFacts();
  const start = line + headLength;
  const end = valueEnd(start);
  if (end == 0) return 0;
  let hash: u32 = 0;
  if (end > start) hash = hashOf(start, end, load<u32>(PATTERN_HASHES + (varyingLabel << 2)));
  const kind = <u32>load<u8>(PATTERN_KINDS + varyingLabel);
  if (kind != 0) {
    const marks = readBound(kind, start, end);
    if (marks == 0) return 0;
    applyMarks(marks, hash, number);
  }
  const rest = end + 2;
  if (byteAt(end + 1) != (restLength == 0 ? BRACE_CLOSE : COMMA)) return 0;
  if (restLength != 0 && !areEqualLong(rest, restStart, restLength)) return 0;
  labelHash = headHash + hash + restHash;
  labelsEnd = rest + restLength - 1;
  return rest + restLength;
}

/**
 * Reads the labels that begin here, behind the brace of the line, and returns where they end, behind the other; 0 if they aren't
 * plain.
 */
export function readLabels(line: usize, start: usize): usize {
  clearFacts();
  let at = start;
  let hashes = identityHash;
  let label: u32 = 0;
  let hasLearnt = false;
  let varying: u32 = NONE;
  let head: usize = 0;
  let hashesOfHead: u32 = 0;
  let rest: usize = start;
  let hashesBeforeRest: u32 = 0;
  while (true) {
    const seen = SEEN_LABELS + label * SEEN_LABEL_BYTES;
    if (label < seenLabels && areEqual(at, load<u32>(seen), load<u32>(seen, 4))) {
      // Most labels are as in the line before.
      at += load<u32>(seen, 4);
      hashes += load<u32>(seen, 8);
      const marks = load<u32>(seen, 12);
      if (marks != 0) {
        applyMarks(marks, load<u32>(seen, 8), load<f64>(seen, 16));
        varying = NONE;
      }
      if (byteAt(at - 1) == BRACE_CLOSE) {
        lastLabel = label;
        keepVarying(varying, line, head, hashesOfHead);
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
    const nameStart = label == 0 ? 0 : load<u32>(PATTERN_ENDS + ((label - 1) << 2));
    const nameLength = label < labelCount ? load<u32>(PATTERN_ENDS + (label << 2)) - nameStart : 0;
    if (nameLength == 0 || !areEqual(at, PATTERN + nameStart, nameLength)) {
      if (hasLearnt) return 0;
      hasLearnt = true;
      // The template is overwritten even where the line turns out not to be plain.
      forgetLabels();
      if (!learnPattern(start)) return 0;
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
    // A bound before it would have to be noted as well.
    head = labelFlags == 0 ? valueStart : 0;
    hashesOfHead = hashes;
    let hash: u32 = 0;
    let marks: u32 = 0;
    if (end > valueStart) {
      hash = hashOf(valueStart, end, load<u32>(PATTERN_HASHES + (label << 2)));
      hashes += hash;
    }
    const kind = <u32>load<u8>(PATTERN_KINDS + label);
    if (kind != 0) {
      marks = readBound(kind, valueStart, end);
      if (marks == 0) return 0;
      applyMarks(marks, hash, number);
    }
    const next = end + 2;
    const following = byteAt(end + 1);
    if (following != COMMA && following != BRACE_CLOSE) return 0;
    if (following == COMMA && byteAt(next) == BRACE_CLOSE) {
      if (hasBlanks) return 0;
      labelHash = hashes;
      labelsEnd = end + 1;
      return next + 1;
    }
    store<u32>(seen, <u32>at);
    store<u32>(seen, <u32>(next - at), 4);
    store<u32>(seen, hash, 8);
    store<u32>(seen, marks, 12);
    store<f64>(seen, number, 16);
    if (seenLabels <= label) seenLabels = label + 1;
    at = next;
    if (following == BRACE_CLOSE) {
      lastLabel = label;
      keepVarying(label, line, head, hashesOfHead);
      restLength = 0;
      restHash = 0;
      labelHash = hashes;
      labelsEnd = end + 1;
      return next;
    }
    varying = label;
    rest = at;
    hashesBeforeRest = hashes;
    label++;
  }
}

/** Writes the labels that were read last, with the brace behind them and without blanks, and returns where they end. */
export function writeWithoutBlanks(to: usize): usize {
  let at = to;
  for (let label: u32 = 0; label <= lastLabel; label++) {
    const seen = SEEN_LABELS + label * SEEN_LABEL_BYTES;
    const start: usize = load<u32>(seen);
    const from = behindBlank(start);
    at = copy(at, from, load<u32>(seen, 4) - <u32>(from - start));
  }
  return at;
}

function keepVarying(label: u32, line: usize, head: usize, hashes: u32): void {
  varyingLabel = label;
  headName = nameNumber;
  headStart = line;
  headLength = label == NONE || head == 0 || hasBlanks ? 0 : <u32>(head - line);
  headHash = hashes;
}

let number: f64 = 0;

/** Reads the value of an `le` (as `number`) or `quantile` label. Returns its flags, or 0 where the host must look at it. */
function readBound(kind: u32, start: usize, end: usize): u32 {
  if (start == end) return 0;
  if (kind != HAS_LE) return floatEnd(start) == end ? kind : 0;
  number = end - start == 4 && isPlusInf(start) ? Infinity : nearNumber(start, end);
  if (isNaN(number)) return 0;
  return number == Infinity ? HAS_LE | IS_INF_BUCKET : HAS_LE;
}

function applyMarks(marks: u32, hash: u32, le: f64): void {
  if ((marks & HAS_LE) != 0) bound = le;
  if ((marks & HAS_LE) != 0 || (labelFlags & HAS_LE) == 0) boundHash = hash;
  labelFlags |= marks;
}
