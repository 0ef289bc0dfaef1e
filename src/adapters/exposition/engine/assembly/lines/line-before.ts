import { areEqual, areEqualLong, BRACE_CLOSE, copy } from '../memory/bytes';
import { inputEnd } from '../memory/input';
import { IS_LEFT_OUT, IS_ODD, IS_REPEATED, keepLabels, Label, labelAt } from '../memory/label';
import { HAS_LE, HAS_QUANTILE } from '../memory/layout';
import { position } from '../samples/pending';
import { keptHash } from '../names/identity';
import { isText } from '../grammar/label-block';
import { startFacts } from './label-facts';
import { continueHash, startHash, writeLabelValue, writtenHash } from '../grammar/label-values';
import { hasNonAscii, isOdd, quotedEnd } from '../grammar/quoted';
import { isUtf8 } from '../grammar/utf8';
import { isKnownUtf8 } from '../grammar/values';

// Most lines have the labels of the line before, spelled alike: what became of those is not asked again.

const NONE: u32 = 0xffff_ffff;

/** Labels of the line before, which are those in the table; 0 where there is nothing to compare with. */
export let knownLabels: u32 = 0;
/** What stands behind the last one's value. */
let tailStart: usize = 0;
let tailLength: u32 = 0;

/** The one label whose value was another one than in the line before it: most often it is the one that changes next. */
let varying: u32 = NONE;
/** What stands before its value and behind it, as it was read and as it was written. */
let head: usize = 0;
let headLength: u32 = 0;
let rest: usize = 0;
let restLength: u32 = 0;
let writtenHead: usize = 0;
let writtenHeadLength: u32 = 0;
let writtenRest: usize = 0;
let writtenRestLength: u32 = 0;
/** The hash of all other labels. */
let fixedHash: u32 = 0;
/** Is it the only one that differs in the line at hand? */
let isVaryingOnly: bool = false;

/** Forgets the line before. */
export function forgetLine(): void {
  knownLabels = 0;
}

/** Remembers a line of so many labels, and where what stands behind the last one's value is. */
export function rememberLine(labels: u32, tail: usize, length: u32): void {
  knownLabels = labels;
  tailStart = tail;
  tailLength = length;
  varying = NONE;
}

/** Reads name and labels of a line like the one before, and returns where they end; otherwise 0. */
export function readLikeLineBefore(line: usize): usize {
  keepLabels(knownLabels);
  isVaryingOnly = true;
  const end: usize = varying == NONE ? 0 : readVarying(line);
  if (end != 0) return end;
  isVaryingOnly = false;
  return readEach(line);
}

function readVarying(line: usize): usize {
  if (!areEqualLong(line, head, headLength)) return 0;
  const label = labelAt(varying);
  const start = label.valueStart;
  const stop = label.valueEnd;
  const end = readValue(line + headLength, label);
  if (end != 0 && areEqualLong(end, rest, restLength)) return end + restLength;
  label.valueStart = start;
  label.valueEnd = stop;
  return 0;
}

function readEach(line: usize): usize {
  let at = line;
  let changed = NONE;
  let changes: u32 = 0;
  let kinds: u32 = 0;
  for (let i: u32 = 0; i < knownLabels; i++) {
    const label = labelAt(i);
    if (!areEqualLong(at, label.pieceStart, label.pieceLength)) return 0;
    at = readValue(at + label.pieceLength, label);
    if (at == 0) return 0;
    if ((label.flags & IS_REPEATED) == 0) {
      changed = i;
      changes++;
    }
    if ((label.flags & (HAS_LE | HAS_QUANTILE)) != 0) kinds++;
  }
  if (!areEqual(at, tailStart, tailLength)) return 0;
  const end = at + tailLength;
  varying = changes == 1 && kinds < 2 ? changed : NONE;
  if (varying != NONE) {
    const label = labelAt(varying);
    head = line;
    headLength = <u32>(label.valueStart - line);
    rest = label.valueEnd;
    restLength = <u32>(end - rest);
  }
  return end;
}

/** Reads the label's value that begins here, and returns where its quote is; 0 where it is to be looked at more closely. */
// @ts-expect-error: a decorator on a function
@inline
function readValue(start: usize, label: Label): usize {
  if (start >= inputEnd) return 0;
  const behind = quotedEnd(start - 1, isText, true);
  if (behind == 0) return 0;
  const end = behind - 1;
  const length = <u32>(end - start);
  const lengthBefore = <u32>(label.valueEnd - label.valueStart);
  if ((length == 0) != (lengthBefore == 0)) return 0;
  const isRepeated = length == lengthBefore && areEqual(start, label.valueStart, length);
  if (hasNonAscii && !isRepeated && !isKnownUtf8() && !isUtf8(start, end)) return 0;
  label.flags = (label.flags & ~(IS_ODD | IS_REPEATED)) | (isOdd ? IS_ODD : 0) | (isRepeated ? IS_REPEATED : 0);
  label.valueStart = start;
  label.valueEnd = end;
  return end;
}

/** Writes name and labels of the line that was read last, as the line before has them, and returns where they end. */
export function writeLikeLineBefore(): usize {
  return isVaryingOnly ? writeVarying() : writeEach();
}

function writeVarying(): usize {
  const label = labelAt(varying);
  if ((label.flags & (HAS_LE | HAS_QUANTILE)) != 0) startFacts();
  continueHash(fixedHash);
  const to = copy(position, writtenHead, writtenHeadLength);
  return copy(writeLabelValue(to, label), writtenRest, writtenRestLength);
}

function writeEach(): usize {
  let to = position;
  startHash(keptHash);
  for (let i: u32 = 0; i < knownLabels; i++) {
    const label = labelAt(i);
    if ((label.flags & IS_LEFT_OUT) != 0) continue;
    const before = label.headStart;
    label.headStart = to;
    to = copy(to, before, label.headLength);
    if (i == varying) writtenHeadLength = <u32>(to - position);
    to = writeLabelValue(to, label);
    if (i == varying) writtenRest = to;
  }
  store<u8>(to++, <u8>BRACE_CLOSE);
  if (varying != NONE) {
    writtenHead = position;
    writtenRestLength = <u32>(to - writtenRest);
    fixedHash = writtenHash - labelAt(varying).valueHash;
  }
  return to;
}
