/** Bytes of the two syntaxes. */
export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;

const NAME_BYTES = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[a-zA-Z0-9_]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** Letters, digits and the underscore. */
export function isNameByte(byte: number): boolean {
  return NAME_BYTES[byte] === 1;
}

/** Readable bytes behind the end of every text, so that whole words can be read. */
export const PADDING = 8;

/** Bytes that end in a line feed and may be read a little beyond their end. */
export interface PaddedText {
  readonly bytes: Buffer;
  /** The same bytes, with at least PADDING more of whatever follows. */
  readonly view: DataView;
  /** Without the padding; the line feed at the end counts. */
  readonly length: number;
}

/** Makes a body readable in words and terminated. Copies it only where memory behind it or the last line feed is missing. */
export function paddedText(bytes: Uint8Array): PaddedText {
  const { buffer, byteOffset, length } = bytes;
  const isTerminated = length === 0 || bytes[length - 1] === LINE_FEED;
  if (isTerminated && buffer.byteLength - byteOffset - length >= PADDING) {
    const plain = Buffer.from(buffer, byteOffset, length);
    return { bytes: plain, view: new DataView(buffer, byteOffset, length + PADDING), length };
  }
  const copy = Buffer.from(new ArrayBuffer(length + 1 + PADDING));
  copy.set(bytes);
  if (!isTerminated) copy[length] = LINE_FEED;
  const total = isTerminated ? length : length + 1;
  return {
    bytes: copy.subarray(0, total),
    view: new DataView(copy.buffer, 0, total + PADDING),
    length: total,
  };
}

/** Copies [start, end) in words: up to seven bytes more are written behind the end. Returns where the copy ends. */
export function copyRange(to: DataView, at: number, from: DataView, start: number, end: number): number {
  let o = at;
  // V8 compiles the pair to two moves of 64 bits; nothing becomes a BigInt.
  for (let i = start; i < end; i += 8, o += 8) to.setBigInt64(o, from.getBigInt64(i, true), true);
  return at + end - start;
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

/** For the bytes that a word at the end of a range has too many. */
const WORD_MASKS = Int32Array.of(-1, 0xff, 0xffff, 0xffffff);

/** Are the bytes from `a` on in `left` those of [b, end) in `right`? */
export function equalRange(left: DataView, a: number, right: DataView, b: number, end: number): boolean {
  let i = a;
  let j = b;
  for (; j + 4 <= end; i += 4, j += 4) {
    if (left.getInt32(i, true) !== right.getInt32(j, true)) return false;
  }
  const rest = end - j;
  if (rest === 0) return true;
  return ((left.getInt32(i, true) ^ right.getInt32(j, true)) & (WORD_MASKS[rest] ?? 0)) === 0;
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
