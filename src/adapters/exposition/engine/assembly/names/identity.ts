import { areEqual, byteAt, COMMA, EQUALS, hashOf } from '../memory/bytes';
import { IDENTITY_LABELS, MAX_IDENTITY_LABELS } from '../memory/layout';
import { closingQuote } from '../samples/written-lines';
import { hashLabel } from '../lines/label-pattern';

/** A label that all samples of the source get. */
// @ts-expect-error: a decorator
@unmanaged
class IdentityLabel {
  nameStart!: usize;
  nameEnd!: usize;
  nameHash!: u32;
  end!: usize;
  labelHash!: u32;
  /** Does the line at hand get it? */
  isKept!: bool;
}

/** Their text, `name="value",…`; empty where there are none. */
export let identityStart: usize = 0;
export let identityLength: u32 = 0;
/** The sum of their hashes, and that of the line at hand. */
export let identityHash: u32 = 0;
export let keptHash: u32 = 0;
let count: u32 = 0;

/** Begins a source whose identity labels, escaped, are in place. */
export function setIdentity(start: usize, length: u32): void {
  identityStart = start;
  identityLength = length;
  identityHash = 0;
  count = 0;
  for (let at = start; at < start + length && count < MAX_IDENTITY_LABELS; count++) {
    const label = labelAt(count);
    label.nameStart = at;
    while (byteAt(at) != EQUALS) at++;
    label.nameEnd = at;
    label.nameHash = hashOf(label.nameStart, at, 0);
    const value = at + 2;
    at = closingQuote(value);
    label.labelHash = at == value ? 0 : hashLabel(label.nameStart, label.nameEnd, value, at);
    label.end = ++at;
    identityHash += label.labelHash;
    if (byteAt(at) == COMMA) at++;
  }
}

/** Says that the line at hand gets all of them. */
export function keepAll(): void {
  for (let i: u32 = 0; i < count; i++) labelAt(i).isKept = true;
  keptHash = identityHash;
}

/** Is it the name of one of them? */
export function isIdentityName(start: usize, end: usize, hash: u32): bool {
  return find(start, end, hash) != 0;
}

/** Is it the name of one that the line gets? */
export function isIdentity(start: usize, end: usize, hash: u32): bool {
  const label = find(start, end, hash);
  return label != 0 && changetype<IdentityLabel>(label).isKept;
}

/** Says that the line has a label of that name itself, and keeps it. */
export function yieldTo(start: usize, end: usize, hash: u32): void {
  const label = find(start, end, hash);
  if (label == 0 || !changetype<IdentityLabel>(label).isKept) return;
  changetype<IdentityLabel>(label).isKept = false;
  keptHash -= changetype<IdentityLabel>(label).labelHash;
}

/** Writes those that the line gets, with commas between them, and returns where they end. */
export function writeIdentity(to: usize): usize {
  let at = to;
  for (let i: u32 = 0; i < count; i++) {
    const label = labelAt(i);
    if (!label.isKept) continue;
    if (at > to) store<u8>(at++, <u8>COMMA);
    const length = label.end - label.nameStart;
    memory.copy(at, label.nameStart, length);
    at += length;
  }
  return at;
}

function labelAt(index: u32): IdentityLabel {
  return changetype<IdentityLabel>(IDENTITY_LABELS + index * offsetof<IdentityLabel>());
}

function find(start: usize, end: usize, hash: u32): usize {
  for (let i: u32 = 0; i < count; i++) {
    const label = labelAt(i);
    const isLike = label.nameHash == hash && label.nameEnd - label.nameStart == end - start;
    if (isLike && areEqual(label.nameStart, start, <u32>(end - start))) return changetype<usize>(label);
  }
  return 0;
}
