import { copy } from '../memory/bytes';
import {
  BOUND_HASHES,
  FLAGS,
  HAS_BAD_LE,
  HAS_LE,
  HAS_TIMESTAMP,
  IS_OUT_OF_ORDER,
  LABEL_HASHES,
  LINE_STARTS,
  MILLISECONDS,
  METADATA_MARKS,
  BLOCK_FIRST_SAMPLES,
  BLOCK_FLAGS,
  BLOCK_NAMES,
  SERIES_HASHES,
} from '../memory/layout';
import { isInOrder } from './bucket-order';
import { addPendingSeries, clearPossibleDuplicates, comparePendingSeries, mix, possibleDuplicateCount } from './series-index';

// What was read and not taken over by the host yet: samples, whose lines are in the arena, their blocks, and marks.

/** Where the next line goes in the arena. */
export let position: usize = 0;
export let pendingSamples: u32 = 0;
let pendingBlocks: u32 = 0;
export let pendingMarks: u32 = 0;
/** The host's number for the first pending sample. */
let firstSample: u32 = 0;
let blockName: u32 = 0;

/** Where the arena begins, which has the rest of the memory. */
export function arenaStart(): usize {
  return __heap_base;
}

export function arenaPosition(): usize {
  return position;
}

export function pendingMarkCount(): u32 {
  return pendingMarks;
}

/** Says where the next line goes. */
export function moveTo(at: usize): void {
  position = at;
}

/** Appends a copy of [start, end), which is in the arena. */
export function appendCopy(start: usize, end: usize): void {
  position = copy(position, start, <u32>(end - start));
}

export function pendingSampleCount(): u32 {
  return pendingSamples;
}

export function pendingBlockCount(): u32 {
  return pendingBlocks;
}

/** Begins a source; the host counts its samples on from `sample`. */
export function startPending(sample: u32): void {
  firstSample = sample;
  pendingSamples = 0;
  clearPending();
}

/** Looks for pending samples that may have been there before, and returns how many these are; the source may have no others. */
export function findPossibleDuplicates(isWholeSource: bool): u32 {
  if (isWholeSource) comparePendingSeries(pendingSamples, firstSample);
  else addPendingSeries(pendingSamples, firstSample);
  return possibleDuplicateCount;
}

/** Forgets the pending samples: the host has taken them over. */
export function clearPending(): void {
  firstSample += pendingSamples;
  pendingSamples = 0;
  blockName = 0;
  clearPossibleDuplicates();
  pendingBlocks = 0;
  pendingMarks = 0;
}

/** Notes that the known line of metadata stands here, behind the blocks that there are. */
export function addMark(line: u32): void {
  store<u32>(METADATA_MARKS + (pendingMarks << 3), line);
  store<u32>(METADATA_MARKS + (pendingMarks << 3), pendingBlocks, 4);
  pendingMarks++;
}

/** Takes in the line that the scan has written at `position`, up to `end`, as the next sample. */
// @ts-expect-error: a decorator on a function
@inline
export function addPending(
  name: u32,
  hostHash: u32,
  end: usize,
  labels: u32,
  bounds: u32,
  marks: u32,
  milliseconds: f64,
  finerTime: u32,
  le: f64,
): void {
  const sample = pendingSamples++;
  let flags = marks;
  let series = mix(hostHash + labels);
  if ((flags & HAS_TIMESTAMP) != 0) series = mix(series ^ (hashOfTime(milliseconds) + finerTime));
  store<u32>(SERIES_HASHES + (sample << 2), series);
  if ((flags & (HAS_LE | HAS_BAD_LE)) == HAS_LE) {
    if (!isInOrder(name, labels - bounds, le, flags, milliseconds)) flags |= IS_OUT_OF_ORDER;
  }
  if (name != blockName) {
    blockName = name;
    store<u32>(BLOCK_NAMES + (pendingBlocks << 2), name);
    store<u32>(BLOCK_FIRST_SAMPLES + (pendingBlocks << 2), sample);
    store<u16>(BLOCK_FLAGS + (pendingBlocks << 1), <u16>flags);
    pendingBlocks++;
  } else {
    const all = BLOCK_FLAGS + (pendingBlocks << 1) - 2;
    store<u16>(all, <u16>(load<u16>(all) | flags));
  }
  store<u32>(LINE_STARTS + (sample << 2), <u32>position);
  store<u32>(LABEL_HASHES + (sample << 2), labels);
  store<u32>(BOUND_HASHES + (sample << 2), bounds);
  store<u16>(FLAGS + (sample << 1), <u16>flags);
  store<f64>(MILLISECONDS + (sample << 3), milliseconds);
  position = end;
}

function hashOfTime(milliseconds: f64): u32 {
  const bits = reinterpret<u64>(milliseconds);
  return mix(<u32>bits) ^ <u32>(bits >> 32);
}
