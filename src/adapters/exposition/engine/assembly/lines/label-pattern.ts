import { areEqual, byteAt, COMMA, BRACE_CLOSE, EQUALS, hashOf, isNameByte, QUOTE, SPACE, ZERO } from '../memory/bytes';
import {
  HAS_LE,
  HAS_QUANTILE,
  MAX_LABELS,
  MAX_PATTERN_BYTES,
  PATTERN,
  PATTERN_ENDS,
  PATTERN_HASHES,
  PATTERN_KINDS,
} from '../memory/layout';
import { isIdentityName } from '../names/identity';
import { isMetricName } from '../names/new-names';
import { valueEnd } from '../grammar/values';

const LE: u32 = 0x656c;
const QUANTILE: u64 = 0x656c6974_6e617571;

/**
 * The label names of a line, in its order. The next line most often has the same ones, and then they need not be looked
 * at again: a comparison says that they are well-formed, different, and none of the identity's.
 */
export let labelCount: u32 = 0;
/** Is there a blank behind a comma, which must not go out? It belongs to what stands before the next label's value. */
export let hasBlanks: bool = false;
let allowsBlanks: bool = false;

/** Forgets the names: others are reserved now. Blanks behind commas are taken or not. */
export function clearPattern(takes: bool): void {
  labelCount = 0;
  hasBlanks = false;
  allowsBlanks = takes;
}

/** Where the label begins whose place, behind a comma, this is. */
// @ts-expect-error: a decorator on a function
@inline
export function behindBlank(at: usize): usize {
  return at + (byteAt(at) == SPACE ? 1 : 0);
}

/** The hash of a label's name, which that of its value begins with. */
export function labelNameHash(start: usize, end: usize): u32 {
  return hashOf(start, end, 0);
}

/** The hash of a label: of its value as it goes out, seeded with that of its written name. */
export function hashLabel(nameStart: usize, nameEnd: usize, valueStart: usize, valueEnd: usize): u32 {
  return hashOf(valueStart, valueEnd, labelNameHash(nameStart, nameEnd));
}

/**
 * Learns the label names of the line whose label block begins here, behind the brace. False where the block is not plain:
 * anything but `name="value"` separated by single commas (with a blank where these are taken), a name twice, a reserved name, or
 * very many labels.
 */
export function learnPattern(start: usize): bool {
  let at = start;
  let length: u32 = 0;
  labelCount = 0;
  hasBlanks = false;
  for (let label: u32 = 0; label < MAX_LABELS; label++) {
    const name = allowsBlanks && label > 0 ? behindBlank(at) : at;
    if (name != at) hasBlanks = true;
    let end = name;
    if (byteAt(name) - ZERO < 10) return false;
    while (isNameByte(byteAt(end))) end++;
    const size = <u32>(end - name);
    if (size == 0 || byteAt(end) != EQUALS || byteAt(end + 1) != QUOTE) return false;
    const all = <u32>(end + 2 - at);
    if (length + all > MAX_PATTERN_BYTES || isReserved(name, size) || isTwin(label, name, size)) return false;
    memory.copy(PATTERN + length, at, all);
    length += all;
    store<u32>(PATTERN_ENDS + (label << 2), length);
    store<u32>(PATTERN_HASHES + (label << 2), labelNameHash(name, end));
    store<u8>(PATTERN_KINDS + label, <u8>kindOf(name, size));
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
  const end = start + length;
  return isMetricName(start, end) || isIdentityName(start, end, labelNameHash(start, end));
}

function isTwin(count: u32, start: usize, length: u32): bool {
  let other: u32 = 0;
  for (let label: u32 = 0; label < count; label++) {
    const end = load<u32>(PATTERN_ENDS + (label << 2));
    const name = <u32>(behindBlank(PATTERN + other) - PATTERN);
    if (end - name - 2 == length && areEqual(PATTERN + name, start, length)) return true;
    other = end;
  }
  return false;
}

/** Does the label say what a sample is within its histogram or summary? */
export function kindOf(start: usize, length: u32): u32 {
  if (length == 2 && load<u16>(start) == LE) return HAS_LE;
  return length == 8 && load<u64>(start) == QUANTILE ? HAS_QUANTILE : 0;
}
