import { BUCKET_NAMES, BUCKET_SOURCES, HAS_TIMESTAMP } from '../memory/layout';

/** Bounds that differ by no more than this part of themselves may be in another order: their last bits are not known. */
const DOUBT: f64 = 1e-14;

let source: u32 = 0;

// The last bucket that was read.
let lastName: u32 = 0;
let lastMetric: u32 = 0;
let lastBound: f64 = 0;
let lastMilliseconds: f64 = 0;
let lastTiming: u32 = 0;

/** Begins a source. */
export function startOrder(): void {
  source++;
  lastName = 0;
}

/** The bucket that was read last may be one that doesn't go out: what follows can't be compared with it. */
export function forgetBucket(): void {
  lastName = 0;
}

/**
 * Takes in a bucket; `metric` is the hash of its labels but `le`. True where it stands above the one before it. Also false
 * where that is not known: where the source comes back to buckets that it has left for those of another name.
 */
export function isInOrder(name: u32, metric: u32, bound: f64, flags: u32, milliseconds: f64): bool {
  const timing = flags & HAS_TIMESTAMP;
  let isBehind = false;
  if (name != lastName) {
    const place = BUCKET_SOURCES + ((name % BUCKET_NAMES) << 2);
    isBehind = load<u32>(place) == source;
    store<u32>(place, source);
  } else if (metric == lastMetric && timing == lastTiming && milliseconds == lastMilliseconds) {
    // Not the other way round: two infinities have no difference.
    isBehind = !(bound - lastBound > DOUBT * abs(lastBound));
  }
  lastName = name;
  lastMetric = metric;
  lastBound = bound;
  lastMilliseconds = milliseconds;
  lastTiming = timing;
  return !isBehind;
}
