import { BACKSLASH, byteAt, LETTER_N, LINE_FEED, QUOTE } from '../memory/bytes';

/** Is every byte that is not ASCII known to be part of a character? */
let allowsNonAscii: bool = false;
/** Was that asked? */
let isAsked: bool = false;
/** Has a value ended at a byte of which that must be asked? */
export let metNonAscii: bool = false;

/** Begins a body. */
export function startValues(): void {
  allowsNonAscii = false;
  isAsked = false;
  metNonAscii = false;
}

/** Says whether the body is UTF-8 as a whole. */
export function allowNonAscii(isUtf8: bool): void {
  allowsNonAscii = isUtf8;
  isAsked = true;
  metNonAscii = false;
}

/** Is all of the body known to be UTF-8? */
export function isKnownUtf8(): bool {
  return allowsNonAscii;
}

/** Must each value with such bytes be looked at: as the body is not UTF-8 as a whole? */
export function mustProve(): bool {
  return isAsked && !allowsNonAscii;
}

/** Where the closing quote of a label value is; 0 where it has a line feed, an escape that no reader knows or an untaken byte. */
// @ts-expect-error: a decorator on a function
@inline
export function valueEnd(start: usize): usize {
  let at = start;
  while (true) {
    const block = v128.load(at);
    const marks = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(block, i8x16.splat(<i8>QUOTE)), i8x16.eq(block, i8x16.splat(<i8>BACKSLASH))),
        // The bits that are gathered are those that only bytes beyond ASCII have.
        v128.or(i8x16.eq(block, i8x16.splat(<i8>LINE_FEED)), block),
      ),
    );
    if (marks == 0) {
      at += 16;
      continue;
    }
    at += ctz(marks);
    const byte = byteAt(at);
    if (byte == QUOTE) return at;
    if (byte == LINE_FEED) return 0;
    if (byte >= 0x80) {
      if (!allowsNonAscii) {
        metNonAscii = !isAsked;
        return 0;
      }
      at++;
      continue;
    }
    const escaped = byteAt(at + 1);
    if (escaped != QUOTE && escaped != BACKSLASH && escaped != LETTER_N) return 0;
    at += 2;
  }
}
