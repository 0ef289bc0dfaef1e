import { byteAt, digitsEnd, DOT, LOWER_CASE, MINUS, PLUS, ZERO } from '../memory/bytes';
import { mix } from '../samples/series-index';
import { LOWER_E, MAX_MANTISSA_DIGITS, MAX_POWER, millisecondsOf, POWERS } from './numbers';

/** Longer ones are all the same: no line has as many digits. */
const MAX_EXPONENT: i64 = 1 << 40;
/** Half a step above the largest double, from where on numbers are rounded to infinity. */
const FIRST_INFINITE =
  '179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880177904174497792';
const RANGE: i64 = 309;
const MAX_EXACT: u64 = 1 << 53;

// Of the number that was taken apart last: its sign, where its first digit but 0 is (0 where it has none), and how many digits
// stand before the dot from there on, were it written without an exponent.
let isNegative: bool = false;
let firstDigit: usize = 0;
let wholeDigits: i64 = 0;

/** Takes apart a decimal number. */
function takeApart(start: usize, end: usize): void {
  let at = start;
  const sign = byteAt(at);
  isNegative = sign == MINUS;
  if (sign == MINUS || sign == PLUS) at++;
  const dot = digitsEnd(at);
  firstDigit = 0;
  while (at < end && (byteAt(at) == ZERO || byteAt(at) == DOT)) at++;
  if (at < end && byteAt(at) - ZERO < 10) firstDigit = at;
  wholeDigits = at < dot ? <i64>(dot - at) : <i64>dot + 1 - <i64>at;
  at = digitsEnd(max(at, dot));
  if (byteAt(at) == DOT) at = digitsEnd(at + 1);
  if (at >= end) return;
  const exponentSign = byteAt(++at);
  if (exponentSign == MINUS || exponentSign == PLUS) at++;
  let exponent: i64 = 0;
  for (; at < end; at++) exponent = min(MAX_EXPONENT, exponent * 10 + (byteAt(at) - ZERO));
  wholeDigits += exponentSign == MINUS ? -exponent : exponent;
}

/** Is the decimal number not beyond the range of a double? */
export function isInRange(start: usize, end: usize): bool {
  takeApart(start, end);
  if (firstDigit == 0 || wholeDigits < RANGE) return true;
  if (wholeDigits > RANGE) return false;
  let place: usize = 0;
  for (let at = firstDigit; at < end && place < <usize>RANGE; at++) {
    if (byteAt(at) == DOT) continue;
    const digit = byteAt(at) - ZERO;
    if (digit > 9) break;
    const other = <u32>load<u16>(changetype<usize>(FIRST_INFINITE) + (place++ << 1)) - ZERO;
    if (digit != other) return digit < other;
  }
  return place < <usize>RANGE;
}

/** The milliseconds of a decimal number of seconds, cut: near, and as a whole number where they fit into text's. */
export let milliseconds: f64 = 0;
export let wholeMilliseconds: u64 = 0;
export let fitsText: bool = false;
/** Differs for most timestamps that are near each other only because they have more digits than a double. */
export let finerTime: u32 = 0;

/** Reads seconds that are digits, perhaps with a fraction. False where they are more than that. */
export function readSimpleSeconds(start: usize, end: usize): bool {
  const whole = digitsEnd(start);
  if (whole == start || (whole < end && (byteAt(whole) != DOT || digitsEnd(whole + 1) != end))) return false;
  milliseconds = millisecondsOf(start, end, true);
  wholeMilliseconds = <u64>milliseconds;
  fitsText = true;
  finerTime = 0;
  return milliseconds >= 0;
}

/** Reads seconds. */
export function readSeconds(start: usize, end: usize): void {
  takeApart(start, end);
  const digits = firstDigit == 0 ? 0 : wholeDigits + 3;
  wholeMilliseconds = 0;
  milliseconds = 0;
  fitsText = true;
  finerTime = 0;
  if (digits <= 0) return;
  const kept = min(digits, <i64>MAX_MANTISSA_DIGITS);
  let place: i64 = 0;
  let finer: u32 = 0;
  for (let at = firstDigit; at < end && place < digits; at++) {
    if (byteAt(at) == DOT) continue;
    const digit = byteAt(at) - ZERO;
    if (digit > 9) break;
    if (place < kept) wholeMilliseconds = wholeMilliseconds * 10 + digit;
    else finer += digit * mix(<u32>(digits - place));
    place++;
  }
  for (; place < kept; place++) wholeMilliseconds *= 10;
  milliseconds = <f64>wholeMilliseconds;
  finerTime = lastBits() + finer;
  for (let power = digits - kept; power > 0 && milliseconds < Infinity; power -= MAX_POWER) {
    milliseconds *= load<f64>(POWERS + (<usize>min(power, <i64>MAX_POWER) << 3));
  }
  fitsText = !isNegative && digits == kept && wholeMilliseconds <= <u64>i64.MAX_VALUE;
  if (isNegative) milliseconds = -milliseconds;
}

/** Reads milliseconds, which are digits. False where text's don't go as far. */
export function readMilliseconds(start: usize, end: usize): bool {
  let at = start;
  while (at < end && byteAt(at) == ZERO) at++;
  if (end - at > MAX_MANTISSA_DIGITS) return false;
  wholeMilliseconds = 0;
  for (; at < end; at++) wholeMilliseconds = wholeMilliseconds * 10 + (byteAt(at) - ZERO);
  milliseconds = <f64>wholeMilliseconds;
  fitsText = true;
  finerTime = lastBits();
  return wholeMilliseconds <= <u64>i64.MAX_VALUE;
}

/** Those that a double has no place for. */
function lastBits(): u32 {
  return wholeMilliseconds > MAX_EXACT ? <u32>wholeMilliseconds : 0;
}
