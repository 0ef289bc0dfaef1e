/** Bytes of the two syntaxes. */
export const LINE_FEED = 0x0a;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const BACKSLASH = 0x5c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/** The body with a line feed at its end; a copy only where that is missing. */
export function terminated({ buffer, byteOffset, length }: Uint8Array): Buffer {
  const bytes = Buffer.from(buffer, byteOffset, length);
  if (length === 0 || bytes[length - 1] === LINE_FEED) return bytes;
  const copy = Buffer.allocUnsafe(length + 1);
  copy.set(bytes);
  copy[length] = LINE_FEED;
  return copy;
}

/** The bytes of [start, end) as a string with one character per byte. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}

/** Writes a string of characters up to U+00FF, one byte each. Returns where it ends. */
export function writeLatin1(to: DataView, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) to.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}

/** Spreads every bit over all 32. */
export function mix(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2_ae35);
  return twice ^ (twice >>> 16);
}

/** Where name and labels of a written line end: at the space before the value. */
export function seriesEnd(bytes: Uint8Array, start: number): number {
  let i = start;
  while (bytes[i] !== SPACE && bytes[i] !== BRACE_OPEN) i++;
  if (bytes[i] === SPACE) return i;
  let isQuoted = false;
  for (; isQuoted || bytes[i] !== BRACE_CLOSE; i++) {
    if (isQuoted && bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) isQuoted = !isQuoted;
  }
  return i + 1;
}
