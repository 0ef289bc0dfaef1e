import { BACKSLASH, byteAt, LETTER_N, LINE_FEED, QUOTE } from './bytes';

/** Where the closing quote of a label value is; 0 where it has a line feed or an escape that no reader knows. */
// @ts-expect-error: a decorator on a function
@inline
export function valueEnd(start: usize): usize {
  let at = start;
  while (true) {
    const block = v128.load(at);
    const marks = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(block, i8x16.splat(<i8>QUOTE)), i8x16.eq(block, i8x16.splat(<i8>BACKSLASH))),
        i8x16.eq(block, i8x16.splat(<i8>LINE_FEED)),
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
    const escaped = byteAt(at + 1);
    if (escaped != QUOTE && escaped != BACKSLASH && escaped != LETTER_N) return 0;
    at += 2;
  }
}
