import { INPUT, PADDING, SCRATCH, SCRATCH_BYTES } from './layout';

/** Where the input ends, behind a line feed. */
export let inputEnd: usize = 0;
/** Does the body end there, too? */
export let isLastInput: bool = false;
/** Where lines may be written up to, unless the memory ends before. */
let limit: usize = 0;
let scratch: usize = 0;
/** Where the next name goes that is not in the input as it goes out. */
export let scratchEnd: usize = 0;

/** Says where the input is, and how long; one that is not at INPUT has its scratch behind it, and no line may get there. */
export function startInput(start: usize, length: usize, isLast: bool): void {
  inputEnd = start + length;
  isLastInput = isLast;
  limit = start == INPUT ? usize.MAX_VALUE : start;
  scratch = start == INPUT ? SCRATCH : inputEnd + PADDING;
}

/** So many bytes of scratch are enough for an input of so many. */
export function scratchBytesFor(length: u32): u32 {
  return max(SCRATCH_BYTES, 4 * length);
}

/** Forgets the names of the line before. */
// @ts-expect-error: a decorator on a function
@inline
export function clearScratch(): void {
  scratchEnd = scratch;
}

/** Keeps a name that was written at `scratchEnd`, up to `end`. */
// @ts-expect-error: a decorator on a function
@inline
export function keepScratch(end: usize): void {
  scratchEnd = end;
}

/** Bytes of names that the line has there. */
export function scratchLength(): usize {
  return scratchEnd - scratch;
}

/** Where lines may be written up to. */
// @ts-expect-error: a decorator on a function
@inline
export function writingLimit(): usize {
  return min(limit, (<usize>memory.size() << 16) - PADDING);
}
