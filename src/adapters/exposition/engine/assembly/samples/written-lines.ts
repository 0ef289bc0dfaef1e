import {
  areEqual,
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  byteAt,
  COMMA,
  EQUALS,
  isNameByte,
  QUOTE,
  secondHashOf,
  SPACE,
} from '../memory/bytes';

// Of the label that was set apart last: where its value is; 0 where there is none.
let excludedStart: usize = 0;
let excludedEnd: usize = 0;

export function excludedValueStart(): usize {
  return excludedStart;
}

export function excludedValueEnd(): usize {
  return excludedEnd;
}

/**
 * The second hash of the labels that the written line has, in any order, without the one whose written name is [excluded, excluded +
 * length) and without empty ones.
 */
export function hashOthers(line: usize, excluded: usize, length: u32): u32 {
  let at = line;
  excludedStart = 0;
  excludedEnd = 0;
  while (byteAt(at) != BRACE_OPEN) if (byteAt(at++) == SPACE) return 0;
  at++;
  let hash: u32 = 0;
  while (byteAt(at) != BRACE_CLOSE) {
    const start = at;
    if (byteAt(at) == QUOTE) at = closingQuote(at + 1) + 1;
    else while (isNameByte(byteAt(at))) at++;
    // Otherwise it is the metric's name in quotes.
    if (byteAt(at) == EQUALS) {
      const isExcluded = <u32>(at - start) == length && areEqual(start, excluded, length);
      const valueStart = at + 2;
      at = closingQuote(valueStart);
      if (isExcluded) {
        excludedStart = valueStart;
        excludedEnd = at;
      } else if (at > valueStart) hash += secondHashOf(start, at);
      at++;
    }
    if (byteAt(at) == COMMA) at++;
  }
  return hash;
}

/** Where the quote is that ends a written value. */
export function closingQuote(start: usize): usize {
  let at = start;
  while (true) {
    const block = v128.load(at);
    const marks = i8x16.bitmask(
      v128.or(i8x16.eq(block, i8x16.splat(<i8>QUOTE)), i8x16.eq(block, i8x16.splat(<i8>BACKSLASH))),
    );
    if (marks == 0) {
      at += 16;
      continue;
    }
    at += ctz(marks);
    if (byteAt(at) == QUOTE) return at;
    at += 2;
  }
}
