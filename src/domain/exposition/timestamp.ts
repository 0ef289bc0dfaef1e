import type { Syntax } from './format.ts';
import { SYNTAX_RULES } from './syntax-rules.ts';

const MAX_INT64 = '9223372036854775807';

/**
 * Turns text's milliseconds (digits) into OpenMetrics' seconds, exactly: `1395066363012` becomes `1395066363.012`.
 * OpenMetrics 1.0.0, section "Timestamps".
 */
export function secondsFromMilliseconds(milliseconds: string): string {
  const digits = milliseconds.replace(/^0+/, '').padStart(4, '0');
  const fraction = digits.slice(-3).replace(/0+$/, '');
  const whole = digits.slice(0, -3);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/**
 * Turns OpenMetrics' seconds (a finite decimal number, possibly with an exponent) into whole milliseconds without leading
 * zeros; digits below a millisecond are cut, as Prometheus does.
 */
export function millisecondsFromSeconds(seconds: string): string {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(seconds);
  if (match === null) throw new RangeError('not a decimal number');
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const leadingZeros = whole.length + fraction.length - digits.length;
  const kept = whole.length - leadingZeros + Number(exponent) + 3;
  if (digits === '' || kept <= 0) return '0';
  return (sign === '-' ? '-' : '') + digits.slice(0, kept).padEnd(kept, '0');
}

/** A timestamp as the syntax writes it (one without sign and exponent in text) in whole milliseconds without leading zeros. */
export function millisecondsOf(timestamp: string, syntax: Syntax): string {
  const isInMilliseconds = SYNTAX_RULES[syntax].timestampUnit === 'milliseconds';
  return isInMilliseconds ? timestamp.replace(/^0+(?=.)/, '') : millisecondsFromSeconds(timestamp);
}

/** Can text 0.0.4 hold the milliseconds? It has no sign, and Prometheus reads an int64. */
export function fitsText(milliseconds: string): boolean {
  if (milliseconds.startsWith('-')) return false;
  return (
    milliseconds.length < MAX_INT64.length ||
    (milliseconds.length === MAX_INT64.length && milliseconds <= MAX_INT64)
  );
}
