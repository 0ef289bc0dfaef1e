import { BRACE_CLOSE, byteAt, COMMA, EQUALS, hashOf, isNameByte, QUOTE, SPACE, TAB, ZERO } from '../memory/bytes';
import { keepScratch, scratchEnd } from '../memory/input';
import { addLabel, allLabels, hasRoomForLabel, IS_ODD, IS_QUOTED } from '../memory/label';
import {
  EMPTY_NAME,
  fail,
  NAME_AMONG_LABELS,
  NAME_NOT_UTF8,
  NO_COMMA,
  NO_EQUALS_SIGN,
  NO_LABEL_NAME,
  NO_QUOTED_VALUE,
  TOO_MANY_LABELS,
  VALUE_NOT_UTF8,
} from './faults';
import { hasBackslash, hasNonAscii, isOdd, quotedEnd, writeUnescaped } from './quoted';
import { isUtf8 } from './utf8';
import { isKnownUtf8 } from './values';

/** Is it text, with blanks and line feeds where OpenMetrics has none? */
export let isText: bool = false;

/** The metric's name in quotes, without its escapes; its start is 0 where there is none. */
export let quotedNameStart: usize = 0;
export let quotedNameEnd: usize = 0;
/** Are all names without quotes, and all escapes as every reader takes them? */
export let isCanonical: bool = true;
/** Where what stands before the next label's value begins. */
let pieceStart: usize = 0;

export function readText(isIt: bool): void {
  isText = isIt;
}

/** Begins a line. */
export function startBlock(line: usize): void {
  quotedNameStart = 0;
  isCanonical = true;
  pieceStart = line;
}

/** Where what stands behind the last label's value begins. */
export function lastPieceStart(): usize {
  return pieceStart;
}

/** Where the blanks end that may stand here. */
// @ts-expect-error: a decorator on a function
@inline
export function blanksEnd(start: usize): usize {
  let at = start;
  if (isText) while (byteAt(at) == SPACE || byteAt(at) == TAB) at++;
  return at;
}

/** Adds the labels of the block whose brace begins here, and returns where it ends; 0 where it is refused. */
export function readBlock(open: usize, takesName: bool, isExemplar: bool): usize {
  let at = open + 1;
  let mayBeName = takesName;
  while (true) {
    at = blanksEnd(at);
    if (byteAt(at) == BRACE_CLOSE) return at + 1;
    const isQuoted = byteAt(at) == QUOTE;
    const start = at;
    at = isQuoted ? quotedLabelNameEnd(at) : labelNameEnd(at);
    if (at == 0) return 0;
    if (at == start) return fail(NO_LABEL_NAME, at);
    const isEscaped = isQuoted && hasBackslash;
    const end = at;
    at = blanksEnd(at);
    if (isQuoted && (byteAt(at) == COMMA || byteAt(at) == BRACE_CLOSE)) {
      if (!mayBeName) return fail(NAME_AMONG_LABELS, at);
      mayBeName = false;
      quotedNameStart = isEscaped ? unescaped(start, end) : start + 1;
      quotedNameEnd = isEscaped ? scratchEnd : end - 1;
      if (byteAt(at) == COMMA) at++;
      continue;
    }
    if (byteAt(at) != EQUALS) return fail(NO_EQUALS_SIGN, at);
    const quote = blanksEnd(at + 1);
    if (byteAt(quote) != QUOTE) return fail(NO_QUOTED_VALUE, quote);
    at = quotedEnd(quote, isText, !isExemplar);
    if (at == 0) return 0;
    if (!isExemplar && isOdd) isCanonical = false;
    if (hasNonAscii && !isKnownUtf8() && !isUtf8(quote + 1, at - 1)) return fail(VALUE_NOT_UTF8, quote);
    if (!hasRoomForLabel()) return fail(TOO_MANY_LABELS, quote);
    const label = addLabel();
    label.flags = (isQuoted ? IS_QUOTED : 0) | (isOdd ? IS_ODD : 0);
    label.valueStart = quote + 1;
    label.valueEnd = at - 1;
    label.pieceStart = pieceStart;
    label.pieceLength = <u32>(quote + 1 - pieceStart);
    pieceStart = at - 1;
    label.nameStart = isEscaped ? unescaped(start, end) : isQuoted ? start + 1 : start;
    label.nameEnd = isEscaped ? scratchEnd : isQuoted ? end - 1 : end;
    label.nameHash = hashOf(label.nameStart, label.nameEnd, 0);
    at = blanksEnd(at);
    if (byteAt(at) == COMMA) at++;
    else if (!isText && byteAt(at) != BRACE_CLOSE) return fail(NO_COMMA, at);
  }
}

function labelNameEnd(start: usize): usize {
  let at = start;
  if (byteAt(at) - ZERO < 10) return at;
  while (isNameByte(byteAt(at))) at++;
  return at;
}

function quotedLabelNameEnd(start: usize): usize {
  isCanonical = false;
  const end = quotedEnd(start, true, false);
  if (end == 0) return 0;
  if (end - start == 2) return fail(EMPTY_NAME, start);
  if (hasNonAscii && !isUtf8(start + 1, end - 1)) return fail(NAME_NOT_UTF8, start);
  return end;
}

/** Writes the name in quotes into the scratch without its escapes, and returns where it begins. */
function unescaped(start: usize, end: usize): usize {
  const to = scratchEnd;
  keepScratch(writeUnescaped(to, start + 1, end - 1));
  return to;
}
