// Why a line is refused, in the order of the host's words for it (see line-faults.ts).

/** It goes on behind the input. */
export const UNFINISHED: u32 = 1;
export const TOO_MANY_LABELS: u32 = 2;
export const NO_METRIC_NAME: u32 = 3;
export const NO_LABEL_NAME: u32 = 4;
export const NAME_AMONG_LABELS: u32 = 5;
export const NO_EQUALS_SIGN: u32 = 6;
export const NO_QUOTED_VALUE: u32 = 7;
export const VALUE_NOT_UTF8: u32 = 8;
export const NO_COMMA: u32 = 9;
export const TWICE_THE_LABEL: u32 = 10;
export const METRIC_NAME_LABEL: u32 = 11;
export const EMPTY_NAME: u32 = 12;
export const NAME_NOT_UTF8: u32 = 13;
export const LINE_FEED_ESCAPED: u32 = 14;
export const OPEN_QUOTE: u32 = 15;
export const UNTAKEN_NUL: u32 = 16;
export const NO_MILLISECONDS: u32 = 17;
export const NO_SECONDS: u32 = 18;
export const NEITHER_TIME_NOR_EXEMPLAR: u32 = 19;
export const TEXT_BEHIND: u32 = 20;
/** No space before a value, an exemplar's value or a timestamp; no number as one. */
export const NO_SPACE: u32 = 21;
export const NO_NUMBER: u32 = 24;
export const VALUE: u32 = 0;
export const EXEMPLAR_VALUE: u32 = 1;
export const TIMESTAMP: u32 = 2;

let fault: u32 = 0;
let place: usize = 0;

/** Refuses the line for what stands there. Returns 0, as those do who look for where something ends. */
export function fail(why: u32, at: usize): usize {
  fault = why;
  place = at;
  return 0;
}

export function faultReason(): u32 {
  return fault;
}

export function faultPlace(): usize {
  return place;
}
