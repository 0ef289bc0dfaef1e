/** Tells the time. */
export interface Clock {
  /** Monotonic, milliseconds; only differences mean something. */
  nowMs(): number;
  /** Unix time, milliseconds. */
  epochMs(): number;
}
