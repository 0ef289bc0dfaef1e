import { areEqual } from './bytes';

// Sets of names of the line at hand, with open addressing. A slot has the place of a name's start, end and hash; 0 is free.

const FEWEST_SLOTS: u32 = 16;

/** Empties the set, and makes it one for so many names. Returns its mask. */
export function clearSet(set: usize, names: u32): u32 {
  let slots = FEWEST_SLOTS;
  while (slots < names * 2) slots *= 2;
  memory.fill(set, 0, slots * sizeof<u32>());
  return slots - 1;
}

/** Where the name is noted; 0 where it isn't in the set. */
export function findName(set: usize, mask: u32, start: usize, end: usize, hash: u32): usize {
  return load<u32>(slotOf(set, mask, start, end, hash));
}

/** Adds the name that is noted here. Returns where it was noted before; 0 for a new one. */
export function addName(set: usize, mask: u32, name: usize): usize {
  const slot = slotOf(set, mask, load<u32>(name), load<u32>(name, 4), load<u32>(name, 8));
  const known = load<u32>(slot);
  if (known == 0) store<u32>(slot, <u32>name);
  return known;
}

function slotOf(set: usize, mask: u32, start: usize, end: usize, hash: u32): usize {
  const length = <u32>(end - start);
  let slot = hash & mask;
  while (true) {
    const at = set + slot * sizeof<u32>();
    const known: usize = load<u32>(at);
    if (known == 0) return at;
    const isLike = load<u32>(known, 8) == hash && load<u32>(known, 4) - load<u32>(known) == length;
    if (isLike && areEqual(load<u32>(known), start, length)) return at;
    slot = (slot + 1) & mask;
  }
}
