import { BRACE_OPEN, byteAt, digitsEnd, HASH, LETTER_N, LINE_FEED, LOWER_CASE, SPACE, TAB } from '../memory/bytes';
import { closeLabels } from '../memory/label';
import { milliseconds, readMilliseconds, readSeconds, readSimpleSeconds } from './decimals';
import {
  EXEMPLAR_VALUE,
  fail,
  NEITHER_TIME_NOR_EXEMPLAR,
  NO_MILLISECONDS,
  NO_NUMBER,
  NO_SECONDS,
  NO_SPACE,
  TEXT_BEHIND,
  TIMESTAMP,
  VALUE,
} from './faults';
import { blanksEnd, isText, readBlock } from './label-block';
import { floatEnd } from './numbers';

// Of the tail that was read last: where its parts are. The ends of those that it doesn't have are 0.
export let valueStart: usize = 0;
export let valueEnd: usize = 0;
export let timestampStart: usize = 0;
export let timestampEnd: usize = 0;
/** Is the timestamp digits, in OpenMetrics perhaps with a fraction? */
export let isSimpleTime: bool = false;
export let exemplarValueStart: usize = 0;
export let exemplarValueEnd: usize = 0;
export let exemplarTimestampStart: usize = 0;
export let exemplarTimestampEnd: usize = 0;

/** Where the number begins that was read last. */
let numberStart: usize = 0;

/** Reads what a line has behind its name and labels. Returns where the next line begins; 0 where it is refused. */
export function readTail(start: usize): usize {
  timestampEnd = 0;
  exemplarValueEnd = 0;
  let at = readNumber(start, VALUE);
  if (at == 0) return 0;
  valueStart = numberStart;
  valueEnd = at;
  if (byteAt(at) == LINE_FEED) return at + 1;
  at = isText ? readTextTime(at) : readTimeAndExemplar(at);
  if (at == 0) return 0;
  at = blanksEnd(at);
  return byteAt(at) == LINE_FEED ? at + 1 : fail(TEXT_BEHIND, at);
}

/** Returns where the number ends. */
function readNumber(before: usize, what: u32): usize {
  let start = before;
  if (isText) start = blanksEnd(start);
  else if (byteAt(start) == SPACE) start++;
  else return fail(NO_SPACE + what, start);
  const end = floatEnd(start);
  const next = byteAt(end);
  const isWhole = next == SPACE || next == LINE_FEED || (isText && next == TAB);
  if (end == 0 || !isWhole) return fail(NO_NUMBER + what, start);
  numberStart = start;
  return end;
}

function readTextTime(before: usize): usize {
  const start = blanksEnd(before);
  if (byteAt(start) == LINE_FEED) return start;
  const end = digitsEnd(start);
  if (end == start || !readMilliseconds(start, end)) return fail(NO_MILLISECONDS, start);
  timestampStart = start;
  timestampEnd = end;
  isSimpleTime = true;
  return end;
}

function readTimeAndExemplar(before: usize): usize {
  let at = before;
  if (hasSeconds(at)) {
    at = readSecondsEnd(at);
    if (at == 0) return 0;
    timestampStart = numberStart;
    timestampEnd = at;
    isSimpleTime = readSimpleSeconds(timestampStart, at);
    if (!isSimpleTime) readSeconds(timestampStart, at);
  }
  if (byteAt(at) == LINE_FEED) return at;
  const isExemplar = byteAt(at) == SPACE && byteAt(at + 1) == HASH && byteAt(at + 2) == SPACE && byteAt(at + 3) == BRACE_OPEN;
  if (!isExemplar) return fail(NEITHER_TIME_NOR_EXEMPLAR, at);
  closeLabels();
  at = readBlock(at + 3, false, true);
  if (at == 0) return 0;
  at = readNumber(at, EXEMPLAR_VALUE);
  if (at == 0) return 0;
  exemplarValueStart = numberStart;
  exemplarValueEnd = at;
  exemplarTimestampEnd = 0;
  if (!hasSeconds(at)) return at;
  at = readSecondsEnd(at);
  exemplarTimestampStart = numberStart;
  exemplarTimestampEnd = at;
  return at;
}

/** Does neither the line end here nor an exemplar begin? */
function hasSeconds(at: usize): bool {
  return byteAt(at) != LINE_FEED && byteAt(at + 1) != HASH;
}

function readSecondsEnd(before: usize): usize {
  const end = readNumber(before, TIMESTAMP);
  // Of what a number may be, only Inf and NaN have an n.
  for (let at = numberStart; at < end; at++) {
    if ((byteAt(at) | LOWER_CASE) == LETTER_N) return fail(NO_SECONDS, numberStart);
  }
  return end;
}

/** The milliseconds of the line's timestamp, near; 0 without one. */
export function nearMilliseconds(): f64 {
  return timestampEnd == 0 ? 0 : milliseconds;
}
