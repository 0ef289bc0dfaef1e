import { BACKSLASH, LINE_FEED, QUOTE } from './bytes';
import { MARKS, SLAB } from './layout';

/**
 * Lists where the slab's input, which ends at `end`, has quotes, backslashes and line feeds. Doing this at once for all
 * lines leaves hardly a branch that depends on the data, and the reader of a line knows where its parts end beforehand.
 */
export function listMarks(end: usize): void {
  let to = MARKS;
  for (let at = SLAB; at < end; at += 64) {
    let marks = marksAt(at) | (marksAt(at + 16) << 16) | (marksAt(at + 32) << 32) | (marksAt(at + 48) << 48);
    const next = to + (<usize>popcnt(marks) << 1);
    const place = <u32>(at - SLAB);
    // Four at a time; what is written too much is overwritten by the next ones.
    do {
      store<u16>(to, <u16>(place + <u32>ctz(marks)));
      marks &= marks - 1;
      store<u16>(to, <u16>(place + <u32>ctz(marks)), 2);
      marks &= marks - 1;
      store<u16>(to, <u16>(place + <u32>ctz(marks)), 4);
      marks &= marks - 1;
      store<u16>(to, <u16>(place + <u32>ctz(marks)), 6);
      marks &= marks - 1;
      to += 8;
    } while (marks != 0);
    to = next;
  }
}

// @ts-expect-error: a decorator on a function
@inline
function marksAt(at: usize): u64 {
  const block = v128.load(at);
  return <u64>(
    (<u32>(
      i8x16.bitmask(
        v128.or(
          v128.or(i8x16.eq(block, i8x16.splat(<i8>QUOTE)), i8x16.eq(block, i8x16.splat(<i8>BACKSLASH))),
          i8x16.eq(block, i8x16.splat(<i8>LINE_FEED)),
        ),
      )
    ))
  );
}
