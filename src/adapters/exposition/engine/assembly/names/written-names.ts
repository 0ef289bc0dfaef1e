import { copy, QUOTE } from '../memory/bytes';
import { isClassicName } from './new-names';
import { writeEscaped } from '../grammar/quoted';

/** Writes a label's name, in quotes where it needs them, and returns where it ends. */
export function writeLabelName(to: usize, start: usize, end: usize): usize {
  return isClassicName(start, end, false) ? copy(to, start, <u32>(end - start)) : writeQuotedName(to, start, end);
}

/** Writes a name in quotes, and returns where it ends. */
export function writeQuotedName(to: usize, start: usize, end: usize): usize {
  store<u8>(to, <u8>QUOTE);
  const at = writeEscaped(to + 1, start, end, false);
  store<u8>(at, <u8>QUOTE);
  return at + 1;
}
