// Where things are in the engine's memory. What the host reads or writes is exported; everything behind the data is the
// arena, which the host lets grow.

/** Bytes behind the end of every range that may be read or written in passing: a vector, and a line's separators. */
export const PADDING: u32 = 64;

/** Input: up to a line feed, which in text may stand in quotes; copied here piece by piece so that they are in the cache while they are worked on. */
export const INPUT_BYTES: u32 = 64 * 1024;
export const INPUT: usize = memory.data(64 * 1024 + 64, 16);

/** Samples that have been written and not been taken over by the host, in columns. */
export const MAX_PENDING: u32 = 2048;
/** Where the line begins. */
export const LINE_STARTS: usize = memory.data(2048 * 4, 16);
export const LABEL_HASHES: usize = memory.data(2048 * 4, 16);
export const BOUND_HASHES: usize = memory.data(2048 * 4, 16);
/** 0 without a timestamp. */
export const MILLISECONDS: usize = memory.data(2048 * 8, 16);
export const FLAGS: usize = memory.data(2048 * 2, 16);
/** Hash of name, labels and timestamp. */
export const SERIES_HASHES: usize = memory.data(2048 * 4, 16);
/** Lines of one name that stand together: the name's number, its first sample's place among the pending ones, all flags. */
export const BLOCK_NAMES: usize = memory.data(2048 * 4, 16);
export const BLOCK_FIRST_SAMPLES: usize = memory.data(2048 * 4, 16);
export const BLOCK_FLAGS: usize = memory.data(2048 * 2, 16);
/** Lines of metadata that the host knows, in pairs: the line's number, and how many blocks stood before it. */
export const METADATA_MARKS: usize = memory.data(2048 * 8, 16);
/**
 * The index of the series of a source whose samples are all pending: their places there counted from 1, 0 is free. Four slots for
 * each, so that few look for another one.
 */
export const SMALL_INDEX_SLOTS: u32 = 8192;
export const SMALL_INDEX: usize = memory.data(8192 * 2, 16);
/** Samples whose series may have been there before, in pairs: their number, and that of the one before. */
export const POSSIBLE_DUPLICATES: usize = memory.data(2048 * 8, 16);

/** The source's `name="value",…`, unless it is longer, and each of its labels: see identity.ts. */
export const MAX_IDENTITY_BYTES: u32 = 8192;
export const IDENTITY: usize = memory.data(8192 + 64, 16);
export const MAX_IDENTITY_LABELS: u32 = 64;
export const IDENTITY_LABELS: usize = memory.data(64 * 24, 16);

/** Longer names are not remembered. */
export const MAX_NAME_BYTES: u32 = 2048;

/** The keys that hashes are made with; longer values use them again. Those of the second hash begin one block further. */
export const HASH_KEY_BYTES: u32 = 512;
export const HASH_KEYS: usize = memory.data(512 + 16, 16);
export const SECOND_HASH_KEYS: usize = HASH_KEYS + 16;

/** The name of the line before. */
export const NAME: usize = memory.data(2048 + 64, 16);
/** `name{identity,` of that name. */
export const PREFIX: usize = memory.data(2048 + 8192 + 64, 16);

/** Tables (see known.ts) of names and of lines of metadata that the host knows: some ten thousand names, eight thousand lines. */
export const NAME_SLOTS: u32 = 32768;
export const NAMES_BYTES: usize = 768 * 1024;
export const NAMES: usize = memory.data(768 * 1024 + 64, 16);
export const LINE_SLOTS: u32 = 16384;
export const LINES_BYTES: usize = 896 * 1024;
export const LINES: usize = memory.data(896 * 1024 + 64, 16);

/** The label names of the line before: each as `name="`, one behind the other. */
export const MAX_LABELS: u32 = 32;
export const MAX_PATTERN_BYTES: u32 = 1024;
export const PATTERN: usize = memory.data(1024 + 64, 16);
/** For each label: where it ends there, the hash of its name, and its kind. */
export const PATTERN_ENDS: usize = memory.data(32 * 4, 16);
export const PATTERN_HASHES: usize = memory.data(32 * 4, 16);
export const PATTERN_KINDS: usize = memory.data(32, 16);

/**
 * What the lines before had for each label of the template: where `name="value"` with the comma or brace behind it is in the
 * input, how long it is, the hash, the flags and, as a double, the number of an `le`.
 */
export const SEEN_LABEL_BYTES: u32 = 24;
export const SEEN_LABELS: usize = memory.data(32 * 24, 16);

/** By a name's number, whose last digits have to do: the last source that had buckets of it. */
export const BUCKET_NAMES: u32 = 4096;
export const BUCKET_SOURCES: usize = memory.data(4096 * 4, 16);

/** The labels of the line at hand, those of its exemplar behind them: see label.ts. */
export const MAX_LINE_LABELS: u32 = 32768;
export const LABELS: usize = memory.data(32768 * 64, 16);
/** Two sets of their names: see name-set.ts. */
export const OWN_NAMES: usize = memory.data(65536 * 4, 16);
export const NEW_NAMES: usize = memory.data(65536 * 4, 16);
/** Names of the line at hand that are not in the input as they go out; larger inputs have a place of their own for them. */
export const SCRATCH_BYTES: u32 = 5 * 64 * 1024;
export const SCRATCH: usize = memory.data(5 * 64 * 1024 + 64, 16);

// What a sample is, beside its text: as in sample-flags.ts.
export const HAS_TIMESTAMP: u32 = 1;
export const HAS_EXEMPLAR: u32 = 2;
export const HAS_LE: u32 = 4;
export const HAS_QUANTILE: u32 = 8;
export const IS_INF_BUCKET: u32 = 16;
export const HAS_BAD_LE: u32 = 32;
export const HAS_BAD_QUANTILE: u32 = 64;
export const IS_OUT_OF_ORDER: u32 = 128;
