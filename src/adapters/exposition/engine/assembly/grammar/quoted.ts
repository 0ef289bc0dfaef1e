import { BACKSLASH, byteAt, copy, LETTER_N, LINE_FEED, QUOTE } from '../memory/bytes';
import { inputEnd, isLastInput } from '../memory/input';
import { fail, LINE_FEED_ESCAPED, OPEN_QUOTE, UNFINISHED, UNTAKEN_NUL } from './faults';

// Of the text in quotes that was read last.
export let hasBackslash: bool = false;
/** Has it a line feed, or an escape that not every reader takes? */
export let isOdd: bool = false;
export let hasNonAscii: bool = false;

/**
 * Where the text ends whose quote begins here, behind the other one; 0 where it is refused. A backslash takes the next byte with
 * it, whatever it is but a line feed; where NUL is taken, it takes those before that byte, too.
 */
export function quotedEnd(start: usize, takesLineFeed: bool, takesNul: bool): usize {
  let at = start + 1;
  hasBackslash = false;
  isOdd = false;
  hasNonAscii = false;
  while (true) {
    const block = v128.load(at);
    const marks = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(block, i8x16.splat(<i8>QUOTE)), i8x16.eq(block, i8x16.splat(<i8>BACKSLASH))),
        // Bytes beyond ASCII count as negative.
        i8x16.le_s(block, i8x16.splat(<i8>LINE_FEED)),
      ),
    );
    at += marks == 0 ? 16 : ctz(marks);
    if (at >= inputEnd) return isLastInput ? fail(OPEN_QUOTE, start) : fail(UNFINISHED, start);
    if (marks == 0) continue;
    let byte = byteAt(at);
    if (byte == QUOTE) return at + 1;
    if (byte == BACKSLASH) {
      hasBackslash = true;
      const escape = at;
      do byte = byteAt(++at);
      while (byte == 0 && takesNul);
      if (byte == LINE_FEED) return fail(LINE_FEED_ESCAPED, at);
      if (!isEscaped(byte) || at > escape + 1) isOdd = true;
    } else if (byte == LINE_FEED) {
      if (!takesLineFeed) return fail(OPEN_QUOTE, start);
      isOdd = true;
    }
    if (byte == 0 && !takesNul) return fail(UNTAKEN_NUL, at);
    if (byte >= 0x80) hasNonAscii = true;
    at++;
  }
}

/** Does every reader take it behind a backslash? */
// @ts-expect-error: a decorator on a function
@inline
function isEscaped(byte: u32): bool {
  return byte == QUOTE || byte == BACKSLASH || byte == LETTER_N;
}

/** Writes the text without its escapes, and returns where it ends. A backslash that is no escape stays. */
export function writeUnescaped(to: usize, start: usize, end: usize): usize {
  let out = to;
  for (let at = start; at < end; at++) {
    let byte = byteAt(at);
    if (byte == BACKSLASH && isEscaped(byteAt(at + 1))) {
      byte = byteAt(++at);
      if (byte == LETTER_N) byte = LINE_FEED;
    }
    store<u8>(out++, <u8>byte);
  }
  return out;
}

/** Writes the text with escapes, and returns where it ends: at most twice as far. Escapes that it has stay, if every reader takes them. */
export function writeEscaped(to: usize, start: usize, end: usize, hasEscapes: bool): usize {
  let out = to;
  for (let at = start; at < end; at++) {
    const byte = byteAt(at);
    if (byte == LINE_FEED || byte == QUOTE || byte == BACKSLASH) {
      store<u8>(out++, <u8>BACKSLASH);
      if (byte == BACKSLASH && hasEscapes && isEscaped(byteAt(at + 1))) store<u8>(out++, <u8>byteAt(++at));
      else store<u8>(out++, <u8>(byte == LINE_FEED ? LETTER_N : byte));
    } else store<u8>(out++, <u8>byte);
  }
  return out;
}

/** Writes the value of a label, and returns where it ends. */
// @ts-expect-error: a decorator on a function
@inline
export function writeValue(to: usize, start: usize, end: usize, isOddValue: bool): usize {
  return isOddValue ? writeEscaped(to, start, end, true) : copy(to, start, <u32>(end - start));
}
