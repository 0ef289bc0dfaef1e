import { BACKSLASH, LINE_FEED, QUOTE, SPACE } from '../engine/bytes.ts';

/** A body that Prometheus would refuse. Ends at the merge's `add`, which makes a failure of it. */
export class MalformedBodyError extends Error {
  override readonly name = 'MalformedBodyError';
  /** Where in the body, in bytes. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const MAX_FRAGMENT_BYTES = 64;
const BEFORE_FAULT_BYTES = 24;

/** One line for a person: what is wrong, the line's number, and a fragment of it (escaped, at most 64 bytes). */
export function describeFault(bytes: Uint8Array, { message, offset }: MalformedBodyError): string {
  const at = Math.min(offset, bytes.length);
  const lineStart = at === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, at - 1) + 1;
  let line = 1;
  for (let i = bytes.indexOf(LINE_FEED); i >= 0 && i < lineStart; i = bytes.indexOf(LINE_FEED, i + 1)) line++;
  const start = Math.max(lineStart, at - BEFORE_FAULT_BYTES);
  return `line ${line}: ${message}: "${fragment(bytes, start)}"`;
}

function fragment(bytes: Uint8Array, start: number): string {
  let text = '';
  for (let i = start; i < bytes.length && bytes[i] !== LINE_FEED; i++) {
    const shown = printable(bytes[i] ?? 0);
    if (text.length + shown.length > MAX_FRAGMENT_BYTES) break;
    text += shown;
  }
  return text;
}

function printable(byte: number): string {
  if (byte === QUOTE || byte === BACKSLASH) return `\\${String.fromCharCode(byte)}`;
  const isPrintable = byte >= SPACE && byte < 0x7f;
  return isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}
