import { isInRange } from './decimals';
import { byteAt, copy, digitsEnd, DOT, LOWER_CASE, MINUS, othersThanDigits, PLUS, SPACE, writeDecimal, ZERO } from '../memory/bytes';

export const LOWER_E: u32 = 0x65;
/** Numbers with no more digits, and no more in the exponent, are in the range of a double. */
const MAX_CERTAIN_DIGITS: usize = 200;
const MAX_EXPONENT_DIGITS: usize = 2;
const NAN: u32 = 0x6e616e;
const INF: u32 = 0x666e69;
/** `init`, of `infinity`. */
const INIT: u32 = 0x74696e69;
const LETTER_Y: u32 = 0x79;
const PLUS_INF: u32 = 0x666e492b;

/** So many digits are exact in a double. */
const MAX_EXACT_DIGITS: usize = 15;
/** So many digits fit into 64 bits. */
export const MAX_MANTISSA_DIGITS: usize = 19;
export const MAX_POWER: i32 = 30;
export const POWERS: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30,
]);

/**
 * Where the floating-point number that begins here ends; 0 where none does. Takes what Prometheus takes: decimal numbers, Inf,
 * Infinity and NaN in any case; no hexadecimal, no underscores, nothing beyond the range of a double.
 */
// @ts-expect-error: a decorator on a function
@inline
export function floatEnd(start: usize): usize {
  // Most numbers are short: digits, perhaps with a dot among them.
  const others = othersThanDigits(start);
  const digits = ctz(others);
  if (digits != 0 && digits < 16) {
    const isDot = byteAt(start + digits) == DOT;
    const end = start + (isDot ? ctz((others & (others - 1)) | 0x10000) : digits);
    if (byteAt(end) <= SPACE) return end;
  }
  return anyFloatEnd(start);
}

function anyFloatEnd(start: usize): usize {
  let at = start;
  const sign = byteAt(at);
  if (sign == MINUS || sign == PLUS) at++;
  const first = at;
  at = digitsEnd(at);
  let digits = at - first;
  if (byteAt(at) == DOT) {
    const fraction = ++at;
    at = digitsEnd(at);
    digits += at - fraction;
  }
  if (digits == 0) return at == first ? wordEnd(at, first > start) : 0;
  let exponentDigits: usize = 0;
  if ((byteAt(at) | LOWER_CASE) == LOWER_E) {
    const exponentSign = byteAt(++at);
    if (exponentSign == MINUS || exponentSign == PLUS) at++;
    const exponent = at;
    at = digitsEnd(at);
    exponentDigits = at - exponent;
    if (exponentDigits == 0) return 0;
  }
  const isCertain = digits <= MAX_CERTAIN_DIGITS && exponentDigits <= MAX_EXPONENT_DIGITS;
  return isCertain || isInRange(start, at) ? at : 0;
}

function wordEnd(start: usize, hasSign: bool): usize {
  const word = (load<u32>(start) | 0x202020) & 0xffffff;
  if (word == INF) {
    const isLong = (load<u32>(start, 3) | 0x20202020) == INIT && (byteAt(start + 7) | LOWER_CASE) == LETTER_Y;
    return start + (isLong ? 8 : 3);
  }
  return word == NAN && !hasSign ? start + 3 : 0;
}

/** Do the four bytes spell `+Inf`? */
export function isPlusInf(start: usize): bool {
  return load<u32>(start) == PLUS_INF;
}

/** The number that [start, end) spells, but for the last bit or two; NaN where that is more work. */
export function nearNumber(start: usize, end: usize): f64 {
  let at = start;
  const isNegative = byteAt(at) == MINUS;
  if (isNegative) at++;
  let mantissa: u64 = 0;
  let hasDigits = false;
  /** Without zeros before them. */
  let digits: usize = 0;
  let power: i32 = 0;
  let hasDot = false;
  for (; at < end; at++) {
    const byte = byteAt(at);
    if (byte == DOT && !hasDot) hasDot = true;
    else if (byte - ZERO < 10) {
      mantissa = mantissa * 10 + (byte - ZERO);
      hasDigits = true;
      if (digits != 0 || byte != ZERO) digits++;
      if (hasDot) power--;
    } else break;
  }
  if (!hasDigits || digits > MAX_MANTISSA_DIGITS) return NaN;
  if (at < end) {
    if ((byteAt(at) | LOWER_CASE) != LOWER_E) return NaN;
    const sign = byteAt(++at);
    if (sign == MINUS || sign == PLUS) at++;
    let exponent: i32 = 0;
    if (at == end || end - at > MAX_EXPONENT_DIGITS) return NaN;
    for (; at < end; at++) {
      const digit = byteAt(at) - ZERO;
      if (digit > 9) return NaN;
      exponent = exponent * 10 + digit;
    }
    power += sign == MINUS ? -exponent : exponent;
  }
  if (power > MAX_POWER || power < -MAX_POWER) return NaN;
  const factor = load<f64>(POWERS + (<usize>abs(power) << 3));
  const value = power < 0 ? <f64>mantissa / factor : <f64>mantissa * factor;
  return isNegative ? -value : value;
}

/** The milliseconds of a timestamp, cut; -1 where a double might not hold them. */
export function millisecondsOf(start: usize, end: usize, isSeconds: bool): f64 {
  if (!isSeconds) return end - start <= MAX_EXACT_DIGITS ? <f64>integerOf(start, end) : -1;
  const wholeEnd = digitsEnd(start);
  if (wholeEnd - start > MAX_EXACT_DIGITS - 3) return -1;
  let thousandths: u64 = 0;
  for (let place: usize = 1; place <= 3; place++) {
    const at = wholeEnd + place;
    thousandths = thousandths * 10 + (at < end ? byteAt(at) - ZERO : 0);
  }
  return <f64>(integerOf(start, wholeEnd) * 1000 + thousandths);
}

function integerOf(start: usize, end: usize): u64 {
  let integer: u64 = 0;
  for (let at = start; at < end; at++) integer = integer * 10 + (byteAt(at) - ZERO);
  return integer;
}

/** Writes milliseconds as OpenMetrics' seconds, without zeros at the end, and returns where they end. */
export function writeSeconds(to: usize, milliseconds: u64): usize {
  let at = writeDecimal(to, milliseconds / 1000);
  let fraction = <u32>(milliseconds % 1000);
  if (fraction == 0) return at;
  store<u8>(at++, <u8>DOT);
  for (let place: u32 = 100; fraction > 0; place /= 10) {
    store<u8>(at++, <u8>(ZERO + fraction / place));
    fraction %= place;
  }
  return at;
}

/** Writes the digits of milliseconds as OpenMetrics' seconds, and returns where they end. */
export function writeDigitsAsSeconds(to: usize, start: usize, end: usize): usize {
  if (end - start <= 3 || byteAt(start) == ZERO) return writeSeconds(to, integerOf(start, end));
  let last = end;
  while (last > end - 3 && byteAt(last - 1) == ZERO) last--;
  const dot = copy(to, start, <u32>(end - 3 - start));
  if (last == end - 3) return dot;
  store<u8>(dot, <u8>DOT);
  return copy(dot + 1, end - 3, <u32>(last - (end - 3)));
}
