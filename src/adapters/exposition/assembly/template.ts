import { areEqual, byteAt, COMMA, BRACE_CLOSE, EQUALS, hashOf, isNameByte, QUOTE, ZERO } from './bytes';
import {
  HAS_LE,
  HAS_QUANTILE,
  MAX_LABELS,
  MAX_TEMPLATE_BYTES,
  RESERVED,
  TEMPLATE,
  TEMPLATE_ENDS,
  TEMPLATE_HASHES,
  TEMPLATE_KINDS,
} from './layout';
import { valueEnd } from './values';

const LE: u32 = 0x656c;
const QUANTILE: u64 = 0x656c6974_6e617571;

/**
 * The label names of a line, in its order. The next line most often has the same ones, and then they need not be looked
 * at again: a comparison says that they are well-formed, different, and none of the identity's.
 */
export let labelCount: u32 = 0;

/** Forgets the names: others are reserved now. */
export function clearTemplate(): void {
  labelCount = 0;
}

/** The hash of a label's name, which that of its value begins with. */
export function labelNameHash(start: usize, end: usize): u32 {
  return hashOf(start, end, 0);
}

/**
 * Learns the label names of the line whose label block begins here, behind the brace. False where the block is not plain:
 * anything but `name="value"` separated by single commas, a name twice, a reserved name, or very many labels.
 */
export function learnTemplate(start: usize): bool {
  let at = start;
  let length: u32 = 0;
  labelCount = 0;
  for (let label: u32 = 0; label < MAX_LABELS; label++) {
    let end = at;
    if (byteAt(at) - ZERO < 10) return false;
    while (isNameByte(byteAt(end))) end++;
    const size = <u32>(end - at);
    if (size == 0 || byteAt(end) != EQUALS || byteAt(end + 1) != QUOTE) return false;
    if (length + size + 2 > MAX_TEMPLATE_BYTES || isReserved(at, size) || isTwin(label, at, size))
      return false;
    memory.copy(TEMPLATE + length, at, size + 2);
    length += size + 2;
    store<u32>(TEMPLATE_ENDS + (label << 2), length);
    store<u32>(TEMPLATE_HASHES + (label << 2), labelNameHash(at, end));
    store<u8>(TEMPLATE_KINDS + label, <u8>kindOf(at, size));
    at = valueEnd(end + 2);
    if (at == 0) return false;
    const next = byteAt(++at);
    if (next != COMMA || byteAt(at + 1) == BRACE_CLOSE) {
      labelCount = label + 1;
      return true;
    }
    at++;
  }
  return false;
}

function isReserved(start: usize, length: u32): bool {
  for (let at = RESERVED; byteAt(at) != 0; at += byteAt(at) + 1) {
    if (byteAt(at) == length && areEqual(at + 1, start, length)) return true;
  }
  return false;
}

function isTwin(count: u32, start: usize, length: u32): bool {
  let other: u32 = 0;
  for (let label: u32 = 0; label < count; label++) {
    const end = load<u32>(TEMPLATE_ENDS + (label << 2));
    if (end - other - 2 == length && areEqual(TEMPLATE + other, start, length)) return true;
    other = end;
  }
  return false;
}

/** Does the label say what a sample is within its histogram or summary? */
function kindOf(start: usize, length: u32): u32 {
  if (length == 2 && load<u16>(start) == LE) return HAS_LE;
  return length == 8 && load<u64>(start) == QUANTILE ? HAS_QUANTILE : 0;
}
