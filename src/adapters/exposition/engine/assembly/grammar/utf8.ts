import { byteAt } from '../memory/bytes';

/** Is the text UTF-8 (RFC 3629: no surrogates, nothing longer than it has to be)? */
export function isUtf8(start: usize, end: usize): bool {
  for (let at = start; at < end; ) {
    const first = byteAt(at);
    if (first < 0x80) {
      at++;
      continue;
    }
    const length: usize = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || at + length > end) return false;
    const second = byteAt(at + 1);
    if (first == 0xe0 && second < 0xa0) return false;
    if (first == 0xed && second > 0x9f) return false;
    if (first == 0xf0 && second < 0x90) return false;
    if (first == 0xf4 && second > 0x8f) return false;
    for (let i: usize = 1; i < length; i++) if (!isContinuation(byteAt(at + i))) return false;
    at += length;
  }
  return true;
}

/** Is it a byte of a character that began before? */
// @ts-expect-error: a decorator on a function
@inline
export function isContinuation(byte: u32): bool {
  return (byte & 0xc0) == 0x80;
}
