import { areEqual, BACKSLASH, BRACE_CLOSE, BRACE_OPEN, byteAt, COMMA, copy, EQUALS, HASH, LETTER_N, QUOTE, SPACE } from '../memory/bytes';
import { allLabels, IS_ODD, IS_QUOTED, Label, labelAt, labelCount } from '../memory/label';
import { exemplarTimestampEnd, exemplarTimestampStart, exemplarValueEnd, exemplarValueStart } from './line-tail';
import { spell } from '../names/new-names';
import { writeValue } from './quoted';
import { isContinuation } from './utf8';
import { writeLabelName } from '../names/written-names';

/** OpenMetrics 1.0.0, section "Exemplars". */
const MAX_CHARACTERS: u32 = 128;

const TOTAL: usize = memory.data<u8>([0x5f, 0x74, 0x6f, 0x74, 0x61, 0x6c]);
const BUCKET: usize = memory.data<u8>([0x5f, 0x62, 0x75, 0x63, 0x6b, 0x65, 0x74]);

/** May a sample of that name have one in OpenMetrics? */
export function mayHaveExemplar(nameStart: usize, nameEnd: usize): bool {
  return endsWith(nameStart, nameEnd, TOTAL, 6) || endsWith(nameStart, nameEnd, BUCKET, 7);
}

function endsWith(start: usize, end: usize, suffix: usize, length: u32): bool {
  return end - start >= length && areEqual(end - length, suffix, length);
}

/** Can the exemplar that was read last go out, and gives its labels the names that they go out with. */
export function keepsExemplar(): bool {
  let characters: u32 = 0;
  let bytes: usize = 0;
  for (let i = labelCount; i < allLabels; i++) {
    const label = labelAt(i);
    bytes += label.nameEnd - label.nameStart + label.valueEnd - label.valueStart;
  }
  for (let i = labelCount; i < allLabels; i++) {
    const label = labelAt(i);
    if (bytes > MAX_CHARACTERS) {
      characters += countCharacters(label.nameStart, label.nameEnd, false);
      characters += countCharacters(label.valueStart, label.valueEnd, true);
      if (characters > MAX_CHARACTERS) return false;
    }
    spell(label);
    for (let other = labelCount; other < i; other++) if (hasSameName(label, labelAt(other))) return false;
  }
  return true;
}

function hasSameName(one: Label, other: Label): bool {
  const length = <u32>(one.newEnd - one.newStart);
  const isLike = one.newHash == other.newHash && other.newEnd - other.newStart == length;
  return isLike && areEqual(one.newStart, other.newStart, length);
}

function countCharacters(start: usize, end: usize, hasEscapes: bool): u32 {
  let count: u32 = 0;
  for (let at = start; at < end && count <= MAX_CHARACTERS; at++) {
    const byte = byteAt(at);
    if (isContinuation(byte)) continue;
    count++;
    if (!hasEscapes || byte != BACKSLASH) continue;
    const next = byteAt(at + 1);
    if (next == BACKSLASH || next == QUOTE || next == LETTER_N) at++;
  }
  return count;
}

/** Writes ` # {…} value timestamp`, and returns where it ends. */
export function writeExemplar(to: usize): usize {
  let at = to;
  store<u8>(at++, <u8>SPACE);
  store<u8>(at++, <u8>HASH);
  store<u8>(at++, <u8>SPACE);
  store<u8>(at++, <u8>BRACE_OPEN);
  for (let i = labelCount; i < allLabels; i++) {
    const label = labelAt(i);
    if (i > labelCount) store<u8>(at++, <u8>COMMA);
    at =
      (label.flags & IS_QUOTED) == 0
        ? copy(at, label.newStart, <u32>(label.newEnd - label.newStart))
        : writeLabelName(at, label.newStart, label.newEnd);
    store<u8>(at++, <u8>EQUALS);
    store<u8>(at++, <u8>QUOTE);
    at = writeValue(at, label.valueStart, label.valueEnd, (label.flags & IS_ODD) != 0);
    store<u8>(at++, <u8>QUOTE);
  }
  store<u8>(at++, <u8>BRACE_CLOSE);
  at = writePart(at, exemplarValueStart, exemplarValueEnd);
  return exemplarTimestampEnd == 0 ? at : writePart(at, exemplarTimestampStart, exemplarTimestampEnd);
}

/** Writes the text with a space before it, and returns where it ends. */
// @ts-expect-error: a decorator on a function
@inline
export function writePart(to: usize, start: usize, end: usize): usize {
  store<u8>(to, <u8>SPACE);
  return copy(to + 1, start, <u32>(end - start));
}
