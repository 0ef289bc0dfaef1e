import { areEqual, areEqualLong, BRACE_CLOSE, BRACE_OPEN, byteAt, COMMA, EQUALS, hashOf, isNameByte, QUOTE, SPACE } from '../memory/bytes';
import { LABELS, OWN_NAMES } from '../memory/layout';
import { addName, clearSet, findName } from '../memory/name-set';
import { forgetLine } from '../lines/line-before';
import { lineEnd } from '../lines/metadata-lines';
import { closingQuote } from './written-lines';

/** The labels of one of the lines, each with the start, the end and the hash of its text, as the set has them. */
const TEXT_BYTES: u32 = 12;

/** Are two written lines of the same series? The order of labels is of no matter, nor are empty ones. */
export function areSameSeries(line: usize, other: usize): bool {
  const lineLength = <u32>(lineEnd(line) - line);
  // With its line feed: the other one is no longer then.
  if (areEqualLong(line, other, lineLength + 1)) return true;
  const name = metricNameEnd(line);
  const length = <u32>(name - line);
  if (length != <u32>(metricNameEnd(other) - other) || !areEqual(line, other, length)) return false;
  // The table of labels is used for them.
  forgetLine();
  const count = noteLabels(name);
  const mask = clearSet(OWN_NAMES, count);
  for (let i: u32 = 0; i < count; i++) addName(OWN_NAMES, mask, LABELS + i * TEXT_BYTES);
  let others: u32 = 0;
  for (let at = nextLabel(other + length); at != 0; at = nextLabel(labelEnd)) {
    if (isEmpty) continue;
    if (findName(OWN_NAMES, mask, at, labelEnd, hashOf(at, labelEnd, 0)) == 0) return false;
    others++;
  }
  return others == count;
}

/** Where the name ends, which may stand in quotes behind the brace: at the space or the brace, or behind the quote. */
function metricNameEnd(line: usize): usize {
  let at = line;
  while (byteAt(at) != BRACE_OPEN && byteAt(at) != SPACE) at++;
  if (at > line || byteAt(at + 1) != QUOTE) return at;
  return closingQuote(at + 2) + 1;
}

/** Notes the labels behind the name, and returns how many have a value. */
function noteLabels(nameEnd: usize): u32 {
  let count: u32 = 0;
  for (let at = nextLabel(nameEnd); at != 0; at = nextLabel(labelEnd)) {
    if (isEmpty) continue;
    const text = LABELS + count++ * TEXT_BYTES;
    store<u32>(text, <u32>at);
    store<u32>(text, <u32>labelEnd, 4);
    store<u32>(text, hashOf(at, labelEnd, 0), 8);
  }
  return count;
}

/** Where the label ends that was found last; has it no value? */
let labelEnd: usize = 0;
let isEmpty: bool = false;

/** Where the label begins that follows this place, which is one behind the name or another label; 0 where none does. */
function nextLabel(place: usize): usize {
  let at = place;
  const byte = byteAt(at);
  if (byte == SPACE || byte == BRACE_CLOSE) return 0;
  if (byte == BRACE_OPEN || byte == COMMA) at++;
  const start = at;
  if (byteAt(at) == QUOTE) at = closingQuote(at + 1) + 1;
  else while (isNameByte(byteAt(at))) at++;
  if (byteAt(at) != EQUALS) return 0;
  labelEnd = closingQuote(at + 2) + 1;
  isEmpty = labelEnd == at + 3;
  return start;
}
