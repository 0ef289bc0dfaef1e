import { LINE_FEED } from '../memory/bytes';
import { findString, clearStrings, addString } from '../memory/string-table';
import { LINE_SLOTS, LINES, LINES_BYTES } from '../memory/layout';

/** Forgets the lines: their numbers have another meaning now. */
export function clearLines(): void {
  clearStrings(LINES, LINE_SLOTS);
}

/** Makes a line known, in one of the two syntaxes (0 or 1): the same text has another meaning in the other. */
export function addLine(start: usize, end: usize, syntax: u32, number: u32): void {
  addString(LINES, LINE_SLOTS, LINES + LINES_BYTES, start, end, syntax, number, 0);
}

/** The number of the line; 0 where it isn't known. */
export function findLine(start: usize, end: usize, syntax: u32): u32 {
  const known = findString(LINES, LINE_SLOTS, start, end, syntax);
  return known == 0 ? 0 : load<u32>(known);
}

/** Where the line feed is that ends the line. */
export function lineEnd(start: usize): usize {
  let at = start;
  while (true) {
    const feeds = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>LINE_FEED)));
    if (feeds != 0) return at + ctz(feeds);
    at += 16;
  }
}
