import { areEqual, byteAt, hashOf, LINE_FEED } from './bytes';
import { KNOWN_LINE_BYTES, KNOWN_LINE_HEAD, KNOWN_LINES, LINES } from './layout';

/** Forgets the lines: their numbers have another meaning now. */
export function clearLines(): void {
  memory.fill(LINES, 0, KNOWN_LINES * KNOWN_LINE_BYTES);
}

/** Makes a line known, in one of the two syntaxes, where there is room for it. */
export function learnLine(start: usize, end: usize, syntax: u32, number: u32): void {
  const length = <u32>(end - start);
  if (length > KNOWN_LINE_BYTES - KNOWN_LINE_HEAD) return;
  const hash = hashOf(start, end, syntax);
  const known = LINES + (hash % KNOWN_LINES) * KNOWN_LINE_BYTES;
  store<u32>(known, hash);
  store<u32>(known, number, 4);
  store<u32>(known, keyOf(length, syntax), 8);
  memory.copy(known + KNOWN_LINE_HEAD, start, length);
}

/** The number of the line; 0 where it isn't known. */
export function findLine(start: usize, end: usize, syntax: u32): u32 {
  const length = <u32>(end - start);
  const hash = hashOf(start, end, syntax);
  const known = LINES + (hash % KNOWN_LINES) * KNOWN_LINE_BYTES;
  if (load<u32>(known) != hash || load<u32>(known, 8) != keyOf(length, syntax)) return 0;
  return areEqual(known + KNOWN_LINE_HEAD, start, length) ? load<u32>(known, 4) : 0;
}

/** The same text has another meaning in the other syntax. */
// @ts-expect-error: a decorator on a function
@inline
function keyOf(length: u32, syntax: u32): u32 {
  return length | (syntax << 31);
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

// @ts-expect-error: a decorator on a function
@inline
export function isMetadata(start: usize): bool {
  return byteAt(start) == 0x23;
}
