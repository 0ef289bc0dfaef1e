import { areEqual, areEqualLong, BRACE_CLOSE, BRACE_OPEN, byteAt, COLON, COMMA, copy, EQUALS, HASH, hashOf, isNameByte, LINE_FEED, QUOTE, SPACE, writeDecimal, ZERO } from '../memory/bytes';
import { clearScratch, inputEnd, scratchLength, writingLimit } from '../memory/input';
import { allLabels, IS_LEFT_OUT, IS_ODD, IS_REPEATED, keepLabels, Label, labelAt, labelCount } from '../memory/label';
import { HAS_EXEMPLAR, HAS_LE, HAS_QUANTILE, HAS_TIMESTAMP, MAX_LABELS, MAX_PENDING } from '../memory/layout';
import { addPending, pendingSamples, position } from '../samples/pending';
import { fitsText, wholeMilliseconds } from './decimals';
import { keepsExemplar, mayHaveExemplar, writeExemplar, writePart } from './exemplar';
import { fail, NO_METRIC_NAME } from './faults';
import { identityHash, identityLength, identityStart, keptHash, writeIdentity } from './identity';
import { blanksEnd, isText, lastPieceStart, quotedNameEnd, quotedNameStart, readBlock, startBlock } from './label-block';
import { addBound, factBound, factBoundHash, factFlags, startFacts } from './label-facts';
import { kindOf, labelNameHash } from './label-pattern';
import { exemplarValueEnd, nearMilliseconds, readTail, timestampEnd, timestampStart, valueEnd, valueStart } from './line-tail';
import { checkNames, isClassicName, nameLabels, spelledEnd, spelledName } from './new-names';
import { findNumber, foundHash, foundNumber, nameEnd } from './names';
import { writeSeconds } from './numbers';
import { hasNonAscii, isOdd, quotedEnd, writeValue } from './quoted';
import { isUtf8 } from './utf8';
import { isKnownUtf8 } from './values';
import { writeLabelName, writeQuotedName } from './written-names';

// Reads any sample line. What its labels become is kept for the next one, which most often has the same ones.

/** What a line can become longer by, beside its identity labels: as in the host's line-engine.ts. */
const LINE_MARGIN_BYTES: u32 = 64;

export const REFUSED: u32 = 1;
export const WITHOUT_NAME: u32 = 2;
export const WITHOUT_ROOM: u32 = 3;
/** Why the line was left. */
export let leftFor: u32 = 0;
/** Is the next line likely to be one that `scan` takes by itself? */
export let isPlainNext: bool = true;
/** So many bytes are missing in the arena. */
let missing: usize = 0;

let writesSeconds: bool = false;
let lostSamples: u32 = 0;
let lostExemplars: u32 = 0;

// Of the line before, whose labels are those in the table; 0 labels where there is nothing to compare with.
let knownLabels: u32 = 0;
let tailPieceStart: usize = 0;
let tailPieceLength: u32 = 0;
let sampleName: u32 = 0;
let sampleNameHash: u32 = 0;
let mayHaveOne: bool = false;
let isAsWritten: bool = false;

/** Begins a source. */
export function startLines(writesOpenMetrics: bool): void {
  writesSeconds = writesOpenMetrics;
  lostSamples = 0;
  lostExemplars = 0;
  isPlainNext = true;
  knownLabels = 0;
}

/** Forgets the line before: it is not in the input any more. */
export function forgetLine(): void {
  knownLabels = 0;
}

/** Samples that the output's format can't hold. */
export function lostSampleCount(): u32 {
  return lostSamples;
}

export function lostExemplarCount(): u32 {
  return lostExemplars;
}

export function missingBytes(): usize {
  return missing;
}

/** Reads the sample line that begins here, writes it, and returns where the next one begins; otherwise 0. */
export function readSampleLine(line: usize): usize {
  leftFor = REFUSED;
  let seriesEnd: usize = knownLabels == 0 ? 0 : likeBefore(line);
  const isKnown = seriesEnd != 0;
  if (!isKnown) {
    knownLabels = 0;
    seriesEnd = readSeries(line);
    if (seriesEnd == 0) return 0;
  }
  const next = readTail(seriesEnd);
  if (next == 0) return 0;
  if (timestampEnd != 0 && !writesSeconds && !fitsText) return lose(next);
  if (!isKnown && !nameLabels()) return lose(next);
  if (!isKnown && !selectSampleName()) {
    leftFor = WITHOUT_NAME;
    return 0;
  }
  // Escapes take at most twice the bytes.
  const needed = <u32>(next - line + scratchLength()) * 2 + allLabels * 8 + identityLength + LINE_MARGIN_BYTES;
  const reserved = <u32>(inputEnd - next) + (MAX_PENDING - pendingSamples) * (identityLength + LINE_MARGIN_BYTES);
  if (position + needed + reserved > writingLimit()) {
    missing = needed;
    knownLabels = 0;
    leftFor = WITHOUT_ROOM;
    return 0;
  }
  let flags: u32 = 0;
  startFacts();
  let to = isKnown ? writeLikeBefore() : writeSeries(line, seriesEnd);
  isPlainNext = isAsWritten && valueStart == seriesEnd + 1;
  to = writePart(to, valueStart, valueEnd);
  if (timestampEnd != 0) {
    flags |= HAS_TIMESTAMP;
    to = writeTimestamp(to);
    if (isPlainNext) isPlainNext = byteAt(timestampStart) - ZERO < 10;
  }
  if (exemplarValueEnd != 0) isPlainNext = false;
  if (exemplarValueEnd != 0 && writesSeconds) {
    if (mayHaveOne && keepsExemplar()) {
      to = writeExemplar(to);
      flags |= HAS_EXEMPLAR;
    } else lostExemplars++;
  }
  store<u8>(to++, <u8>LINE_FEED);
  addPending(sampleName, sampleNameHash, to, writtenHash, factBoundHash, flags | factFlags, nearMilliseconds(), factBound);
  keepLabels(labelCount);
  return next;
}

function lose(next: usize): usize {
  lostSamples++;
  knownLabels = 0;
  return next;
}

/** Reads name and labels, and returns where they end. */
function readSeries(line: usize): usize {
  clearScratch();
  keepLabels(0);
  startBlock(line);
  nameStart = blanksEnd(line);
  nameStop = nameEnd(nameStart);
  let at = nameStop > nameStart ? blanksEnd(nameStop) : nameStop;
  hasBlock = byteAt(at) == BRACE_OPEN;
  if (hasBlock) {
    at = readBlock(at, nameStop == nameStart, false);
    if (at == 0) return 0;
  } else at = nameStop;
  keepLabels(allLabels);
  tailPieceStart = lastPieceStart();
  tailPieceLength = <u32>(at - tailPieceStart);
  if (nameStop == nameStart) {
    if (quotedNameStart == 0) return fail(NO_METRIC_NAME, at);
    nameStart = quotedNameStart;
    nameStop = quotedNameEnd;
  }
  return checkNames(at);
}

/** The metric's name, first as the line has it, then as it goes out, without quotes and escapes. */
let nameStart: usize = 0;
let nameStop: usize = 0;
let hasBlock: bool = false;

/** Reads name and labels of a line that has the names of the one before, spelled alike, and returns where they end; otherwise 0. */
function likeBefore(line: usize): usize {
  let at = line;
  keepLabels(knownLabels);
  for (let i: u32 = 0; i < knownLabels; i++) {
    const label = labelAt(i);
    if (!areEqualLong(at, label.pieceStart, label.pieceLength)) return 0;
    at += label.pieceLength;
    if (at >= inputEnd) return 0;
    const quote = quotedEnd(at - 1, isText, true);
    if (quote == 0) return 0;
    const end = quote - 1;
    const length = <u32>(end - at);
    const isEmpty = label.valueStart == label.valueEnd;
    if ((length == 0) != isEmpty) return 0;
    if (hasNonAscii && !isKnownUtf8() && !isUtf8(at, end)) return 0;
    const isRepeated = label.valueEnd - label.valueStart == length && areEqual(at, label.valueStart, length);
    label.flags = (label.flags & ~(IS_ODD | IS_REPEATED)) | (isOdd ? IS_ODD : 0) | (isRepeated ? IS_REPEATED : 0);
    label.valueStart = at;
    label.valueEnd = end;
    at = end;
  }
  if (!areEqual(at, tailPieceStart, tailPieceLength)) return 0;
  return at + tailPieceLength;
}

/** Finds the number of the name that goes out. */
function selectSampleName(): bool {
  nameStart = spelledName(nameStart, nameStop);
  nameStop = spelledEnd;
  if (!findNumber(nameStart, nameStop)) return false;
  sampleName = foundNumber;
  sampleNameHash = foundHash;
  mayHaveOne = mayHaveExemplar(nameStart, nameStop);
  return true;
}

/** The hash of the labels that were written last. */
let writtenHash: u32 = 0;

/** Writes name and labels, and returns where they end. */
function writeSeries(line: usize, seriesEnd: usize): usize {
  writtenHash = keptHash;
  const isQuoted = !isClassicName(nameStart, nameStop, true);
  let to = position;
  if (isQuoted) {
    store<u8>(to++, <u8>BRACE_OPEN);
    to = writeQuotedName(to, nameStart, nameStop);
  } else to = copy(to, nameStart, <u32>(nameStop - nameStart));
  const behindName = to;
  if (!isQuoted) store<u8>(to++, <u8>BRACE_OPEN);
  const first = to;
  if (isQuoted) store<u8>(to++, <u8>COMMA);
  const identity = to;
  to = writeIdentity(to);
  let hasLabels = to > identity;
  if (!hasLabels) to = first;
  let head = position;
  for (let i: u32 = 0; i < labelCount; i++) {
    const label = labelAt(i);
    if ((label.flags & IS_LEFT_OUT) != 0) continue;
    if (hasLabels || isQuoted) store<u8>(to++, <u8>COMMA);
    hasLabels = true;
    const name = to;
    to = writeLabelName(to, label.newStart, label.newEnd);
    label.writtenHash = labelNameHash(name, to);
    label.flags = (label.flags & ~IS_REPEATED) | kindOf(name, <u32>(to - name));
    store<u8>(to++, <u8>EQUALS);
    store<u8>(to++, <u8>QUOTE);
    label.headStart = head;
    label.headLength = <u32>(to - head);
    to = writeLabelValue(to, label);
    head = to;
  }
  if (hasLabels || isQuoted) store<u8>(to++, <u8>BRACE_CLOSE);
  else to = behindName;
  knownLabels = head == position ? 0 : labelCount;
  const added = identityLength == 0 ? 0 : identityLength + (labelCount == 0 ? (hasBlock ? 0 : 2) : 1);
  isAsWritten = !isQuoted && labelCount <= MAX_LABELS && to - position == seriesEnd - line + added;
  return to;
}

/** Writes name and labels with what the line before had between its values, and returns where they end. */
function writeLikeBefore(): usize {
  let to = position;
  writtenHash = keptHash;
  for (let i: u32 = 0; i < knownLabels; i++) {
    const label = labelAt(i);
    if ((label.flags & IS_LEFT_OUT) != 0) continue;
    const head = label.headStart;
    label.headStart = to;
    to = copy(to, head, label.headLength);
    to = writeLabelValue(to, label);
  }
  store<u8>(to++, <u8>BRACE_CLOSE);
  return to;
}

/** Writes a label's value with the quote behind it, returns where that ends, and notes what it says of the sample. */
// @ts-expect-error: a decorator on a function
@inline
function writeLabelValue(to: usize, label: Label): usize {
  const end = writeValue(to, label.valueStart, label.valueEnd, (label.flags & IS_ODD) != 0);
  store<u8>(end, <u8>QUOTE);
  let hash: u32 = 0;
  if (end > to) {
    if ((label.flags & IS_REPEATED) == 0) label.valueHash = hashOf(to, end, label.writtenHash);
    hash = label.valueHash;
  }
  writtenHash += hash;
  const kind = label.flags & (HAS_LE | HAS_QUANTILE);
  if (kind != 0) addBound(kind, hash, to, end);
  return end + 1;
}

function writeTimestamp(to: usize): usize {
  if (isText != writesSeconds) return writePart(to, timestampStart, timestampEnd);
  store<u8>(to, <u8>SPACE);
  return writesSeconds ? writeSeconds(to + 1, wholeMilliseconds) : writeDecimal(to + 1, wholeMilliseconds);
}
