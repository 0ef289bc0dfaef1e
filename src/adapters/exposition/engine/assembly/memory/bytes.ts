import { HASH_KEY_BYTES, HASH_KEYS, PADDING, SECOND_HASH_KEYS } from './layout';

export const TAB: u32 = 0x09;
export const LINE_FEED: u32 = 0x0a;
export const SPACE: u32 = 0x20;
export const QUOTE: u32 = 0x22;
export const HASH: u32 = 0x23;
export const PLUS: u32 = 0x2b;
export const COMMA: u32 = 0x2c;
export const MINUS: u32 = 0x2d;
export const DOT: u32 = 0x2e;
export const ZERO: u32 = 0x30;
export const COLON: u32 = 0x3a;
export const EQUALS: u32 = 0x3d;
export const BACKSLASH: u32 = 0x5c;
export const UNDERSCORE: u32 = 0x5f;
export const LETTER_N: u32 = 0x6e;
export const BRACE_OPEN: u32 = 0x7b;
export const BRACE_CLOSE: u32 = 0x7d;
export const LOWER_CASE: u32 = 0x20;

// Odd numbers without a pattern.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const LAST_FACTOR: u64 = 0xd6e8_feb8_6659_fd93;

// @ts-expect-error: a decorator on a function
@inline
export function byteAt(at: usize): u32 {
  return load<u8>(at);
}

/** Are the two ranges of so many bytes equal? Reads up to 15 bytes beyond them. */
// @ts-expect-error: a decorator on a function
@inline
export function areEqual(left: usize, right: usize, length: u32): bool {
  let at: u32 = 0;
  while (true) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(left + at), v128.load(right + at)));
    if (length - at <= 16) return ((same | (-1 << (length - at))) & 0xffff) == 0xffff;
    if (same != 0xffff) return false;
    at += 16;
  }
}

/** The same for ranges that are long and most often equal. Reads up to 31 bytes beyond them. */
// @ts-expect-error: a decorator on a function
@inline
export function areEqualLong(left: usize, right: usize, length: u32): bool {
  let at: u32 = 0;
  while (true) {
    const first = i8x16.eq(v128.load(left + at), v128.load(right + at));
    const second = i8x16.eq(v128.load(left + at, 16), v128.load(right + at, 16));
    if (length - at <= 32) {
      const same = <u64>(<u32>i8x16.bitmask(first) | (<u32>i8x16.bitmask(second) << 16));
      return (same | (<u64>-1 << (length - at))) == <u64>-1;
    }
    if (!i8x16.all_true(v128.and(first, second))) return false;
    at += 32;
  }
}

/** Copies so many bytes and returns where the copy ends. Writes up to 32 bytes beyond. */
// @ts-expect-error: a decorator on a function
@inline
export function copy(to: usize, from: usize, length: u32): usize {
  let at: u32 = 0;
  do {
    v128.store(to + at, v128.load(from + at));
    v128.store(to + at, v128.load(from + at, 16), 16);
    at += 32;
  } while (at < length);
  return to + length;
}

// The masks that keep the first 0 to 16 bytes of two words.
const MASKS: usize = memory.data<u64>([
  0, 0, 0xff, 0, 0xffff, 0, 0xff_ffff, 0, 0xffff_ffff, 0, 0xff_ffff_ffff, 0, 0xffff_ffff_ffff, 0,
  0xff_ffff_ffff_ffff, 0, 0xffff_ffff_ffff_ffff, 0, 0xffff_ffff_ffff_ffff, 0xff, 0xffff_ffff_ffff_ffff, 0xffff,
  0xffff_ffff_ffff_ffff, 0xff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_ffff, 0xffff_ffff_ffff_ffff, 0xff_ffff_ffff,
  0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff,
  0xffff_ffff_ffff_ffff,
]);

/** Draws the secret keys of the hashes (SplitMix64). */
export function setKeys(seed: u32): void {
  let state = <u64>seed;
  for (let at = HASH_KEYS; at < SECOND_HASH_KEYS + HASH_KEY_BYTES; at += 8) {
    state += FACTOR;
    let key = (state ^ (state >> 30)) * 0xbf58_476d_1ce4_e5b9;
    key = (key ^ (key >> 27)) * 0x94d0_49bb_1331_11eb;
    store<u64>(at, key ^ (key >> 31));
  }
}

/**
 * Hashes [start, end) to 32 bits, by NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: "UMAC: Fast and Secure Message
 * Authentication", 1999): who doesn't know the keys can't foresee which values meet. The seed makes another hash of it.
 */
// @ts-expect-error: a decorator on a function
@inline
export function hashOf(start: usize, end: usize, seed: u32): u32 {
  return keyedHash(start, end, seed, HASH_KEYS);
}

/** Another hash: values that meet in one hardly ever do in both (keys that are shifted: the Toeplitz construction of the same paper). */
export function secondHashOf(start: usize, end: usize): u32 {
  return keyedHash(start, end, 0, SECOND_HASH_KEYS);
}

// @ts-expect-error: a decorator on a function
@inline
function keyedHash(start: usize, end: usize, seed: u32, keys: usize): u32 {
  let at = start;
  let key = keys;
  let sums = i64x2.splat(0);
  let hash: u64 = <u64>seed << 32;
  for (; end - at > 16; at += 16) {
    sums = i64x2.add(sums, product(v128.load(at), key));
    key += 16;
    if (key == keys + HASH_KEY_BYTES) {
      hash = mixed(hash ^ total(sums));
      sums = i64x2.splat(0);
      key = keys;
    }
  }
  // No branch for what is left: it depends on data.
  const rest = v128.and(v128.load(at), v128.load(MASKS + ((end - at) << 4)));
  hash ^= total(i64x2.add(sums, product(rest, key)));
  // The length: a range that ends in zeros is another one than without them. Hashes are added up, so that what is alike in them must not show.
  return <u32>(mixed(hash ^ (end - start)) >> 32);
}

// @ts-expect-error: a decorator on a function
@inline
function product(block: v128, key: usize): v128 {
  const words = i32x4.add(block, v128.load(key));
  return i64x2.extmul_low_i32x4_u(words, v128.shuffle<u64>(words, words, 1, 0));
}

// @ts-expect-error: a decorator on a function
@inline
function total(sums: v128): u64 {
  return i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
}

// @ts-expect-error: a decorator on a function
@inline
function mixed(hash: u64): u64 {
  const product = hash * LAST_FACTOR;
  return (product ^ (product >> 32)) * FACTOR;
}

/** Which of the 16 bytes from here on are no digits, one bit each. */
// @ts-expect-error: a decorator on a function
@inline
export function othersThanDigits(at: usize): u32 {
  const values = i8x16.sub(v128.load(at), i8x16.splat(<i8>ZERO));
  return i8x16.bitmask(i8x16.gt_u(values, i8x16.splat(9)));
}

/** Where the digits that begin here end. */
// @ts-expect-error: a decorator on a function
@inline
export function digitsEnd(start: usize): usize {
  let at = start;
  while (true) {
    const others = othersThanDigits(at);
    if (others != 0) return at + ctz(others);
    at += 16;
  }
}

/** Letters, digits and the underscore; other languages' letters are not among them. */
// @ts-expect-error: a decorator on a function
@inline
export function isNameByte(byte: u32): bool {
  return (byte | LOWER_CASE) - 0x61 < 26 || byte - ZERO < 10 || byte == UNDERSCORE;
}

/** Writes a whole number in decimal and returns where it ends. */
export function writeDecimal(to: usize, value: u64): usize {
  let end = to + PADDING / 2;
  const last = end;
  do {
    end--;
    store<u8>(end, <u8>(ZERO + <u32>(value % 10)));
    value /= 10;
  } while (value > 0);
  memory.copy(to, end, last - end);
  return to + (last - end);
}
