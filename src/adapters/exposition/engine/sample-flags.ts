/** What a sample is, beside its text. Those that the engine sets are in assembly/memory/layout.ts as well; a test compares them. */
export const HAS_TIMESTAMP = 1;
export const HAS_EXEMPLAR = 2;
export const HAS_LE = 4;
export const HAS_QUANTILE = 8;
/** Its `le` is `+Inf`. */
export const IS_INF_BUCKET = 16;
/** Its `le` is not a number, or empty. */
export const HAS_BAD_LE = 32;
/** Its `quantile` is not a number, or empty. */
export const HAS_BAD_QUANTILE = 64;
/** It is a bucket whose `le` is not above that of the bucket before it. */
export const IS_OUT_OF_ORDER = 128;
/** It doesn't go out: its series and timestamp were there before, or the output has no place for it. */
export const IS_DROPPED = 256;
