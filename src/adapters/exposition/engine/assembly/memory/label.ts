import { LABELS, MAX_IDENTITY_LABELS, MAX_LINE_LABELS } from './layout';

/** A flag of a label, beside HAS_LE and HAS_QUANTILE: its name stands in quotes. */
export const IS_QUOTED: u32 = 256;
/** Its value has other escapes than every reader takes, or a line feed. */
export const IS_ODD: u32 = 512;
/** Its name was spelled with underscores for the output. */
export const IS_RESPELLED: u32 = 1024;
/** It doesn't go out: it is empty, and its name is another label's as well. */
export const IS_LEFT_OUT: u32 = 2048;
/** A label of its new name has a value. */
export const IS_NAME_TAKEN: u32 = 4096;
/** Its value is that of the line before, whose hash is known. */
export const IS_REPEATED: u32 = 8192;

/** One label of the line at hand. Places are those in the memory; a name comes with its hash. */
// @ts-expect-error: a decorator
@unmanaged
export class Label {
  /** The name without quotes and escapes. */
  nameStart!: usize;
  nameEnd!: usize;
  nameHash!: u32;
  /** The name that it goes out with, without quotes and escapes. */
  newStart!: usize;
  newEnd!: usize;
  newHash!: u32;
  /** How many labels go out with that name, where this is the first one. */
  uses!: u32;
  /** Between the quotes. */
  valueStart!: usize;
  valueEnd!: usize;
  valueHash!: u32;
  flags!: u32;
  /** What the line has before the value: from the value before it, or from the line's start on. */
  pieceStart!: usize;
  pieceLength!: u32;
  /** The same as it was written. */
  headStart!: usize;
  headLength!: u32;
  /** Of the name as it is written; that of the value begins with it. */
  writtenHash!: u32;
}

/** Labels of the line at hand, without those of its exemplar. */
export let labelCount: u32 = 0;
/** With those. */
export let allLabels: u32 = 0;

// @ts-expect-error: a decorator on a function
@inline
export function labelAt(index: u32): Label {
  return changetype<Label>(LABELS + index * offsetof<Label>());
}

/** Keeps the first labels alone. */
// @ts-expect-error: a decorator on a function
@inline
export function keepLabels(count: u32): void {
  labelCount = count;
  allLabels = count;
}

/** Says that the labels that come are the exemplar's. */
// @ts-expect-error: a decorator on a function
@inline
export function closeLabels(): void {
  labelCount = allLabels;
}

/** May another one be added, and the identity's beside it? */
export function hasRoomForLabel(): bool {
  return allLabels < MAX_LINE_LABELS - MAX_IDENTITY_LABELS;
}

export function addLabel(): Label {
  return labelAt(allLabels++);
}
