import { byteAt, LETTER_N, LOWER_CASE, MINUS, PLUS, ZERO } from '../memory/bytes';
import { HAS_BAD_LE, HAS_BAD_QUANTILE, HAS_LE, IS_INF_BUCKET } from '../memory/layout';
import { floatEnd, isPlusInf, nearNumber } from '../grammar/numbers';

const LETTER_I: u32 = 0x69;

// What the labels of the line at hand say about its sample.
export let factFlags: u32 = 0;
export let factBoundHash: u32 = 0;
/** NaN where it is not known. */
export let factBound: f64 = 0;

// @ts-expect-error: a decorator on a function
@inline
export function startFacts(): void {
  factFlags = 0;
  factBoundHash = 0;
  factBound = 0;
}

/**
 * Takes in the value of an `le` or `quantile` label, before a quote. An empty one is a label that is not there for OpenMetrics, and no number
 * for readers of text.
 */
export function addBound(kind: u32, hash: u32, start: usize, end: usize): void {
  const badFlag = kind == HAS_LE ? HAS_BAD_LE : HAS_BAD_QUANTILE;
  if (start == end) {
    factFlags |= badFlag;
    return;
  }
  const isNumber = floatEnd(start) == end;
  factFlags |= kind;
  if (kind == HAS_LE || (factFlags & HAS_LE) == 0) factBoundHash = hash;
  const first = byteAt(start) | LOWER_CASE;
  if (!isNumber || (kind == HAS_LE && first == LETTER_N)) factFlags |= badFlag;
  else if (kind == HAS_LE) readLe(start, end);
}

function readLe(start: usize, end: usize): void {
  const sign = byteAt(start);
  const hasSign = sign == MINUS || sign == PLUS;
  const isInf = (byteAt(start + (hasSign ? 1 : 0)) | LOWER_CASE) == LETTER_I;
  if (isInf) factBound = sign == MINUS ? -Infinity : Infinity;
  else factBound = nearNumber(sign == PLUS ? start + 1 : start, end);
  // OpenMetrics 1.0.0, section "Numbers": the canonical form is the only one for this bound.
  if (end - start == 4 && isPlusInf(start)) factFlags |= IS_INF_BUCKET;
}
