import { SERIES_HASHES, SMALL_INDEX, SMALL_INDEX_SLOTS, POSSIBLE_DUPLICATES } from '../memory/layout';

/** Slots of the index of the source's series: a hash and a sample's number counted from 1, which is 0 where it is free. */
const SLOT_BYTES: u32 = 8;
let table: usize = 0;
let mask: u32 = 0;
let isCleared: bool = false;
export let possibleDuplicateCount: u32 = 0;

/** Begins an index, empty, of so many slots, a power of two. */
export function startIndex(at: usize, slots: u32): void {
  table = at;
  mask = slots - 1;
  isCleared = false;
}

function clearIndex(): void {
  memory.fill(table, 0, (mask + 1) * SLOT_BYTES);
  isCleared = true;
}

/** Moves the index to a place with more slots. */
export function moveIndex(at: usize, slots: u32): void {
  const before = table;
  const end = table + (mask + 1) * SLOT_BYTES;
  startIndex(at, slots);
  clearIndex();
  for (let slot = before; slot < end; slot += SLOT_BYTES) {
    if (load<u32>(slot, 4) != 0) addSeries(load<u32>(slot), load<u32>(slot, 4) - 1);
  }
}

export function clearPossibleDuplicates(): void {
  possibleDuplicateCount = 0;
}

/**
 * Adds the pending samples, counted on from `first`. All at once: they need not wait for each other's place in memory. One
 * whose hash was there before is only noted, and the host looks whether it is the same series.
 */
export function addPendingSeries(count: u32, first: u32): void {
  if (!isCleared) clearIndex();
  for (let sample: u32 = 0; sample < count; sample++) {
    addSeries(load<u32>(SERIES_HASHES + (sample << 2)), first + sample);
  }
}

/** The same for a source that has no other samples than the pending ones: its index needs half of the memory. */
export function comparePendingSeries(count: u32, first: u32): void {
  memory.fill(SMALL_INDEX, 0, SMALL_INDEX_SLOTS << 1);
  for (let sample: u32 = 0; sample < count; sample++) {
    const hash = load<u32>(SERIES_HASHES + (sample << 2));
    let slot = hash & (SMALL_INDEX_SLOTS - 1);
    while (true) {
      const at = SMALL_INDEX + (slot << 1);
      const other = <u32>load<u16>(at);
      if (other == 0) {
        store<u16>(at, <u16>(sample + 1));
        break;
      }
      if (load<u32>(SERIES_HASHES + ((other - 1) << 2)) == hash) {
        addPossibleDuplicate(first + sample, first + other - 1);
        break;
      }
      slot = (slot + 1) & (SMALL_INDEX_SLOTS - 1);
    }
  }
}

// @ts-expect-error: a decorator on a function
@inline
function addPossibleDuplicate(sample: u32, other: u32): void {
  const pair = POSSIBLE_DUPLICATES + (possibleDuplicateCount++ << 3);
  store<u32>(pair, sample);
  store<u32>(pair, other, 4);
}

// @ts-expect-error: a decorator on a function
@inline
function addSeries(hash: u32, sample: u32): void {
  let slot = hash & mask;
  while (true) {
    const at = table + slot * SLOT_BYTES;
    const other = load<u32>(at, 4);
    if (other == 0) {
      store<u32>(at, hash);
      store<u32>(at, sample + 1, 4);
      return;
    }
    if (load<u32>(at) == hash) {
      addPossibleDuplicate(sample, other - 1);
      return;
    }
    slot = (slot + 1) & mask;
  }
}

/** Spreads every bit over all 32. */
// @ts-expect-error: a decorator on a function
@inline
export function mix(hash: u32): u32 {
  const once = (hash ^ (hash >> 16)) * 0x85eb_ca6b;
  const twice = (once ^ (once >> 13)) * 0xc2b2_ae35;
  return twice ^ (twice >> 16);
}
