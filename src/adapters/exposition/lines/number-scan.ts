import { latin1 } from './bytes.ts';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const LOWER_CASE = 0x20;
const LOWER_E = 0x65;
const MAX_EXACT_DIGITS = 15;
const SPECIAL_VALUES = [
  { text: 'nan', takesSign: false },
  { text: 'infinity', takesSign: true },
  { text: 'inf', takesSign: true },
];

/**
 * Where the floating-point number that begins here ends, or -1 where none does. Takes what Prometheus takes: decimal
 * numbers, Inf, Infinity and NaN in any case; no hexadecimal, no underscores, nothing beyond the range of a double.
 */
export function floatEnd(bytes: Buffer, start: number): number {
  let i = start;
  const first = bytes[i] ?? 0;
  if (first === MINUS || first === PLUS) i++;
  const digitsStart = i;
  while (isDigit(bytes[i] ?? 0)) i++;
  let digits = i - digitsStart;
  if (bytes[i] === DOT) {
    const fractionStart = ++i;
    while (isDigit(bytes[i] ?? 0)) i++;
    digits += i - fractionStart;
  }
  if (digits === 0) return i === digitsStart ? specialValueEnd(bytes, i, i > start) : -1;
  let exponentDigits = 0;
  if (((bytes[i] ?? 0) | LOWER_CASE) === LOWER_E) {
    const sign = bytes[++i];
    if (sign === MINUS || sign === PLUS) i++;
    const exponentStart = i;
    while (isDigit(bytes[i] ?? 0)) i++;
    exponentDigits = i - exponentStart;
    if (exponentDigits === 0) return -1;
  }
  if ((exponentDigits > 2 || digits > 200) && !isInRange(bytes, start, i)) return -1;
  return i;
}

/** Where a block of decimal digits ends. */
export function digitsEnd(bytes: Buffer, start: number): number {
  let i = start;
  while (isDigit(bytes[i] ?? 0)) i++;
  return i;
}

/** The number that [start, end) spells; it must be one. */
export function numberOf(bytes: Buffer, start: number, end: number): number {
  const simple = simpleNumber(bytes, start, end);
  if (!Number.isNaN(simple)) return simple;
  const text = latin1(bytes, start, end);
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

/** Digits with or without a fraction, few enough to be exact; NaN for anything else. */
function simpleNumber(bytes: Buffer, start: number, end: number): number {
  if (end - start > MAX_EXACT_DIGITS) return NaN;
  let digits = 0;
  let divisor = 1;
  let hasDot = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === DOT) hasDot = true;
    else if (!isDigit(byte)) return NaN;
    else {
      digits = digits * 10 + byte - ZERO;
      if (hasDot) divisor *= 10;
    }
  }
  return digits / divisor;
}

function isInRange(bytes: Buffer, start: number, end: number): boolean {
  return Number.isFinite(Number(latin1(bytes, start, end)));
}

function specialValueEnd(bytes: Buffer, start: number, hasSign: boolean): number {
  for (const { text, takesSign } of SPECIAL_VALUES) {
    if (hasSign && !takesSign) continue;
    let i = 0;
    while (i < text.length && ((bytes[start + i] ?? 0) | LOWER_CASE) === text.charCodeAt(i)) i++;
    if (i === text.length) return start + i;
  }
  return -1;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < ZERO + 10;
}
