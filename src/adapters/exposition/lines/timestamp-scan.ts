import type { Syntax } from '../../../domain/exposition/format.ts';
import { digitsEnd } from './number-scan.ts';

const DOT = 0x2e;
/** So many digits of milliseconds are exact in a number. */
const MAX_EXACT_DIGITS = 15;

/** Where a timestamp of digits (in OpenMetrics possibly with a fraction) ends; `start` itself where none begins. */
export function simpleTimestampEnd(bytes: Buffer, start: number, syntax: Syntax): number {
  const end = digitsEnd(bytes, start);
  return end > start && syntax === 'openmetrics' && bytes[end] === DOT ? digitsEnd(bytes, end + 1) : end;
}

/** The milliseconds of such a timestamp, cut; NaN where they have more digits than a number holds. */
export function simpleMilliseconds(bytes: Buffer, start: number, end: number, syntax: Syntax): number {
  if (syntax === 'text') return end - start <= MAX_EXACT_DIGITS ? integerOf(bytes, start, end) : NaN;
  const wholeEnd = digitsEnd(bytes, start);
  if (wholeEnd - start > MAX_EXACT_DIGITS - 3) return NaN;
  return integerOf(bytes, start, wholeEnd) * 1000 + thousandthsOf(bytes, wholeEnd + 1, end);
}

function integerOf(bytes: Buffer, start: number, end: number): number {
  let integer = 0;
  for (let i = start; i < end; i++) integer = integer * 10 + (bytes[i] ?? 0) - 0x30;
  return integer;
}

/** The first three digits of a fraction; what is missing counts as 0. */
function thousandthsOf(bytes: Buffer, start: number, end: number): number {
  let thousandths = 0;
  for (let i = start; i < start + 3; i++) {
    thousandths = thousandths * 10 + (i < end ? (bytes[i] ?? 0) - 0x30 : 0);
  }
  return thousandths;
}
