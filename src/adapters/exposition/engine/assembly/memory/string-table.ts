import { areEqual, hashOf } from './bytes';

// Tables of strings that the host has given numbers, with open addressing: a head, the slots, and what was learnt, one string behind the
// other. Constants say how large a table is; where another string has no room, all others are forgotten.

/** How many strings there are, and where the next one goes. */
const HEAD_BYTES: u32 = 8;
/** For each slot: the string's hash, and where it is; 0 where the slot is free. */
const SLOT_BYTES: u32 = 8;
/** For each string: its number, its length with its kind, and what else the host says of it; then its bytes. */
const STRING_HEAD_BYTES: u32 = 12;

/** Forgets all. */
// @ts-expect-error: a decorator on a function
@inline
export function clearStrings(table: usize, slots: u32): void {
  memory.fill(table, 0, HEAD_BYTES + slots * SLOT_BYTES);
}

/** Where the string [start, end) of this kind (0 or 1) is; 0 where it isn't known. */
// @ts-expect-error: a decorator on a function
@inline
export function findString(table: usize, slots: u32, start: usize, end: usize, kind: u32): usize {
  const length = <u32>(end - start);
  const hash = hashOf(start, end, kind);
  let slot = hash;
  while (true) {
    const at = slotAt(table, slots, slot++);
    const known = load<u32>(at, 4);
    if (known == 0) return 0;
    const isLike = load<u32>(at) == hash && load<u32>(known, 4) == keyOf(length, kind);
    if (isLike && areEqual(known + STRING_HEAD_BYTES, start, length)) return known;
  }
}

/** Learns a string that isn't known; `table` ends at `tableEnd`. Half of the slots stay free. */
export function addString(
  table: usize,
  slots: u32,
  tableEnd: usize,
  start: usize,
  end: usize,
  kind: u32,
  number: u32,
  more: u32,
): void {
  const length = <u32>(end - start);
  if (load<u32>(table) * 2 >= slots || load<u32>(table, 4) + STRING_HEAD_BYTES + length > <u32>tableEnd) {
    clearStrings(table, slots);
  }
  const count = load<u32>(table);
  const known = count == 0 ? slotAt(table, slots, 0) + slots * SLOT_BYTES : load<u32>(table, 4);
  store<u32>(table, count + 1);
  store<u32>(table, <u32>known + STRING_HEAD_BYTES + length, 4);
  store<u32>(known, number);
  store<u32>(known, keyOf(length, kind), 4);
  store<u32>(known, more, 8);
  memory.copy(known + STRING_HEAD_BYTES, start, length);
  const hash = hashOf(start, end, kind);
  let slot = hash;
  while (load<u32>(slotAt(table, slots, slot), 4) != 0) slot++;
  const at = slotAt(table, slots, slot);
  store<u32>(at, hash);
  store<u32>(at, <u32>known, 4);
}

// @ts-expect-error: a decorator on a function
@inline
function slotAt(table: usize, slots: u32, slot: u32): usize {
  return table + HEAD_BYTES + (slot & (slots - 1)) * SLOT_BYTES;
}

/** The same text of another kind is another string. */
// @ts-expect-error: a decorator on a function
@inline
function keyOf(length: u32, kind: u32): u32 {
  return length | (kind << 31);
}
