import { BRACE_OPEN, byteAt, COLON, COMMA, copy, isNameByte, ZERO } from '../memory/bytes';
import { findString, clearStrings, addString } from '../memory/string-table';
import { IDENTITY, MAX_NAME_BYTES, NAME, NAME_SLOTS, NAMES, NAMES_BYTES, NEW_NAME, PREFIX } from '../memory/layout';

/** Of the name of the line before; 0 for none. */
export let nameLength: u32 = 0;
/** Its number, counted from 1, and the host's hash of it. */
export let nameNumber: u32 = 0;
export let nameHash: u32 = 0;
/** Bytes of the prefix of a sample with labels. */
export let prefixLength: u32 = 0;
export let identityHash: u32 = 0;
let identityLength: u32 = 0;

/** Forgets all names. */
export function clearNames(): void {
  clearStrings(NAMES, NAME_SLOTS);
  nameLength = 0;
}

/** Begins a source whose identity labels, of so many bytes, are in place. */
export function setIdentity(length: u32, hash: u32): void {
  identityLength = length;
  identityHash = hash;
  nameLength = 0;
}

export function hasIdentity(): bool {
  return identityLength > 0;
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

/** Makes the name at [start, end) that of the current line. False where the host must say which one it is. */
export function selectName(start: usize, end: usize): bool {
  const length = <u32>(end - start);
  if (length > MAX_NAME_BYTES) return false;
  const known = findString(NAMES, NAME_SLOTS, start, end, 0);
  if (known == 0) return false;
  setName(start, length, load<u32>(known), load<u32>(known, 8));
  return true;
}

/** Makes the new name, of so many bytes, that of the current line, and known. */
export function addName(length: u32, number: u32, hostHash: u32): void {
  addString(NAMES, NAME_SLOTS, NAMES + NAMES_BYTES, NEW_NAME, NEW_NAME + length, 0, number, hostHash);
  setName(NEW_NAME, length, number, hostHash);
}

function setName(start: usize, length: u32, number: u32, hostHash: u32): void {
  copy(NAME, start, length);
  nameLength = length;
  nameNumber = number;
  nameHash = hostHash;
  let at = copy(PREFIX, start, length);
  store<u8>(at++, <u8>BRACE_OPEN);
  if (identityLength > 0) {
    at = copy(at, IDENTITY, identityLength);
    store<u8>(at++, <u8>COMMA);
  }
  prefixLength = <u32>(at - PREFIX);
}
