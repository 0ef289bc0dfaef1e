import { areEqual, BRACE_OPEN, byteAt, COLON, COMMA, copy, hashOf, isNameByte, ZERO } from './bytes';
import {
  IDENTITY,
  KNOWN,
  KNOWN_NAME_BYTES,
  KNOWN_NAME_HEAD,
  KNOWN_NAMES,
  NAME,
  NEW_NAME,
  PREFIX,
} from './layout';

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
  memory.fill(KNOWN, 0, KNOWN_NAMES * KNOWN_NAME_BYTES);
  nameLength = 0;
}

/** Begins a source whose identity labels, of so many bytes, are in place. */
export function takeIdentity(length: u32, hash: u32): void {
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
export function takeName(start: usize, end: usize): bool {
  const length = <u32>(end - start);
  if (length > KNOWN_NAME_BYTES - KNOWN_NAME_HEAD) return false;
  const hash = hashOf(start, end, 0);
  const known = KNOWN + (hash % KNOWN_NAMES) * KNOWN_NAME_BYTES;
  if (load<u32>(known) != hash || load<u32>(known, 8) != length) return false;
  const number = load<u32>(known, 4);
  if (number == 0 || !areEqual(known + KNOWN_NAME_HEAD, start, length)) return false;
  setName(start, length, number, load<u32>(known, 12));
  return true;
}

/** Makes the new name, of so many bytes, that of the current line, and known where it has room. */
export function learnName(length: u32, number: u32, hostHash: u32): void {
  if (length <= KNOWN_NAME_BYTES - KNOWN_NAME_HEAD) {
    const hash = hashOf(NEW_NAME, NEW_NAME + length, 0);
    const known = KNOWN + (hash % KNOWN_NAMES) * KNOWN_NAME_BYTES;
    store<u32>(known, hash);
    store<u32>(known, number, 4);
    store<u32>(known, length, 8);
    store<u32>(known, hostHash, 12);
    memory.copy(known + KNOWN_NAME_HEAD, NEW_NAME, length);
  }
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
