import { hashOf, QUOTE } from '../memory/bytes';
import { IS_ODD, IS_REPEATED, Label } from '../memory/label';
import { HAS_LE, HAS_QUANTILE } from '../memory/layout';
import { addBound, startFacts } from '../lines/label-facts';
import { writeValue } from './quoted';

/** The sum of the hashes of the identity's labels and of those that were written since. */
export let writtenHash: u32 = 0;

/** Begins a line's labels. */
// @ts-expect-error: a decorator on a function
@inline
export function startHash(identity: u32): void {
  writtenHash = identity;
  startFacts();
}

/** Goes on behind labels that have this hash, and say the same of the sample as those of the line before. */
// @ts-expect-error: a decorator on a function
@inline
export function continueHash(fixed: u32): void {
  writtenHash = fixed;
}

/** Writes a label's value with the quote behind it, returns where that ends, and notes what it says of the sample. */
// @ts-expect-error: a decorator on a function
@inline
export function writeLabelValue(to: usize, label: Label): usize {
  const end = writeValue(to, label.valueStart, label.valueEnd, (label.flags & IS_ODD) != 0);
  store<u8>(end, <u8>QUOTE);
  let hash: u32 = 0;
  if (end > to) {
    if ((label.flags & IS_REPEATED) == 0) label.valueHash = hashOf(to, end, label.writtenHash);
    hash = label.valueHash;
  }
  writtenHash += hash;
  const kind = label.flags & (HAS_LE | HAS_QUANTILE);
  if (kind != 0) addBound(kind, hash, to, end);
  return end + 1;
}
