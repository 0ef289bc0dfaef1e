import { BRACE_CLOSE, BRACE_OPEN, byteAt, COMMA, copy, EQUALS, LINE_FEED, QUOTE, SPACE, writeDecimal } from '../memory/bytes';
import { clearScratch, inputEnd, scratchLength, writingLimit } from '../memory/input';
import { allLabels, IS_LEFT_OUT, IS_REPEATED, keepLabels, labelAt, labelCount } from '../memory/label';
import { HAS_EXEMPLAR, HAS_TIMESTAMP, MAX_LABELS, MAX_PENDING } from '../memory/layout';
import { addPending, pendingSamples, position } from '../samples/pending';
import { finerTime, fitsText, wholeMilliseconds } from '../grammar/decimals';
import { keepsExemplar, mayHaveExemplar, writeExemplar, writePart } from '../grammar/exemplar';
import { fail, NO_METRIC_NAME } from '../grammar/faults';
import { identityHash, identityLength, identityStart, keptHash, writeIdentity } from '../names/identity';
import { blanksEnd, isText, lastPieceStart, quotedNameEnd, quotedNameStart, readBlock, startBlock } from '../grammar/label-block';
import { factBound, factBoundHash, factFlags } from './label-facts';
import { kindOf, labelNameHash } from './label-pattern';
import { startHash, writeLabelValue, writtenHash } from '../grammar/label-values';
import { forgetLine, knownLabels, readLikeLineBefore, rememberLine, writeLikeLineBefore } from './line-before';
import { exemplarValueEnd, isSimpleTime, nearMilliseconds, readTail, timestampEnd, timestampStart, valueEnd, valueStart } from '../grammar/line-tail';
import { checkNames, isClassicName, nameLabels, spelledEnd, spelledName } from '../names/new-names';
import { findNumber, foundHash, foundNumber, nameEnd } from '../names/names';
import { writeDigitsAsSeconds } from '../grammar/numbers';
import { mustProve } from '../grammar/values';
import { writeLabelName, writeQuotedName } from '../names/written-names';

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

// Of the line at hand, or of the line before where it is like that one.
let sampleName: u32 = 0;
let sampleNameHash: u32 = 0;
let mayHaveOne: bool = false;
/** Were name and labels written as they were read, but for the identity's? */
let isAsRead: bool = false;

/** Begins a source. */
export function startLines(writesOpenMetrics: bool): void {
  writesSeconds = writesOpenMetrics;
  lostSamples = 0;
  lostExemplars = 0;
  isPlainNext = true;
  forgetLine();
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
  let seriesEnd: usize = knownLabels == 0 ? 0 : readLikeLineBefore(line);
  const isKnown = seriesEnd != 0;
  if (!isKnown) {
    forgetLine();
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
    forgetLine();
    leftFor = WITHOUT_ROOM;
    return 0;
  }
  let flags: u32 = 0;
  let to = isKnown ? writeLikeLineBefore() : writeSeries(line, seriesEnd);
  isPlainNext = isAsRead && !mustProve() && valueStart == seriesEnd + 1 && byteAt(seriesEnd) == SPACE;
  to = writePart(to, valueStart, valueEnd);
  if (timestampEnd != 0) {
    flags |= HAS_TIMESTAMP;
    to = writeTimestamp(to);
    if (!isSimpleTime) isPlainNext = false;
  }
  if (exemplarValueEnd != 0) isPlainNext = false;
  if (exemplarValueEnd != 0 && writesSeconds) {
    if (mayHaveOne && keepsExemplar()) {
      to = writeExemplar(to);
      flags |= HAS_EXEMPLAR;
    } else lostExemplars++;
  }
  store<u8>(to++, <u8>LINE_FEED);
  addPending(sampleName, sampleNameHash, to, writtenHash, factBoundHash, flags | factFlags, nearMilliseconds(), finerTime, factBound);
  keepLabels(labelCount);
  return next;
}

function lose(next: usize): usize {
  lostSamples++;
  forgetLine();
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
/** What stands behind the last label's value. */
let tailPieceStart: usize = 0;
let tailPieceLength: u32 = 0;

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

/** Writes name and labels, and returns where they end. */
function writeSeries(line: usize, seriesEnd: usize): usize {
  startHash(keptHash);
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
  rememberLine(head == position ? 0 : labelCount, tailPieceStart, tailPieceLength);
  const added = identityLength == 0 ? 0 : identityLength + (labelCount == 0 ? (hasBlock ? 0 : 2) : 1);
  isAsRead = !isQuoted && labelCount <= MAX_LABELS && to - position == seriesEnd - line + added;
  return to;
}

function writeTimestamp(to: usize): usize {
  if (isText != writesSeconds) return writePart(to, timestampStart, timestampEnd);
  store<u8>(to, <u8>SPACE);
  return writesSeconds ? writeDigitsAsSeconds(to + 1, timestampStart, timestampEnd) : writeDecimal(to + 1, wholeMilliseconds);
}
