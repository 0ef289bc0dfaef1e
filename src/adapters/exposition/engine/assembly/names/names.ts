import { BRACE_OPEN, byteAt, COLON, COMMA, copy, isNameByte, ZERO } from '../memory/bytes';
import { findString, clearStrings, addString } from '../memory/string-table';
import { MAX_NAME_BYTES, NAME, NAME_SLOTS, NAMES, NAMES_BYTES, PREFIX } from '../memory/layout';
import { identityLength, identityStart } from './identity';

/** Of the name of the plain line before; 0 for none. */
export let nameLength: u32 = 0;
/** Its number, counted from 1, and the host's hash of it. */
export let nameNumber: u32 = 0;
export let nameHash: u32 = 0;
/** Bytes of the prefix of a sample with labels. */
export let prefixLength: u32 = 0;

/** The same of the name that was looked for last. */
export let foundNumber: u32 = 0;
export let foundHash: u32 = 0;
/** Where the name is that the host is asked for. */
let wantedStart: usize = 0;
let wantedEnd: usize = 0;
/** Was the name that was asked for one that is too long to be remembered? */
let isAnswered: bool = false;

/** Forgets all names. */
export function clearNames(): void {
  clearStrings(NAMES, NAME_SLOTS);
  nameLength = 0;
}

/** Begins a source. */
export function startNames(): void {
  nameLength = 0;
  isAnswered = false;
}

export function wantedNameStart(): usize {
  return wantedStart;
}

export function wantedNameEnd(): usize {
  return wantedEnd;
}

/** Where the metric name that begins here ends; its own start where none does. */
// @ts-expect-error: a decorator on a function
@inline
export function nameEnd(start: usize): usize {
  let at = start;
  let byte = byteAt(at);
  if (byte - ZERO < 10) return start;
  while (isNameByte(byte) || byte == COLON) byte = byteAt(++at);
  return at;
}

/** Makes the name at [start, end) that of the plain line at hand. False where it isn't known. */
export function selectName(start: usize, end: usize): bool {
  const length = <u32>(end - start);
  if (length > MAX_NAME_BYTES) return false;
  const known = findString(NAMES, NAME_SLOTS, start, end, 0);
  if (known == 0) return false;
  setName(start, length, load<u32>(known), load<u32>(known, 8));
  return true;
}

/** Looks for the number of the name at [start, end), as it goes out. False where the host must say which one it is. */
export function findNumber(start: usize, end: usize): bool {
  const isLong = end - start > MAX_NAME_BYTES;
  if (isLong && isAnswered) {
    isAnswered = false;
    return true;
  }
  const known: usize = isLong ? 0 : findString(NAMES, NAME_SLOTS, start, end, 0);
  if (known == 0) {
    wantedStart = start;
    wantedEnd = end;
    return false;
  }
  foundNumber = load<u32>(known);
  foundHash = load<u32>(known, 8);
  return true;
}

/** Says which number the name has that was wanted. Remembers it, unless it is very long. */
export function addName(number: u32, hostHash: u32): void {
  isAnswered = wantedEnd - wantedStart > MAX_NAME_BYTES;
  foundNumber = number;
  foundHash = hostHash;
  if (!isAnswered) addString(NAMES, NAME_SLOTS, NAMES + NAMES_BYTES, wantedStart, wantedEnd, 0, number, hostHash);
}

function setName(start: usize, length: u32, number: u32, hostHash: u32): void {
  copy(NAME, start, length);
  nameLength = length;
  nameNumber = number;
  nameHash = hostHash;
  let at = copy(PREFIX, start, length);
  store<u8>(at++, <u8>BRACE_OPEN);
  if (identityLength > 0) {
    at = copy(at, identityStart, identityLength);
    store<u8>(at++, <u8>COMMA);
  }
  prefixLength = <u32>(at - PREFIX);
}
