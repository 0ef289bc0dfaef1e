/** Bounds how many of something are under way at once. */
export interface Admission {
  /**
   * Waits for a place, first come first served, and resolves with the function that gives it back (calling it twice does
   * no harm). Rejects with the signal's reason when the signal aborts first.
   */
  enter(signal: AbortSignal): Promise<() => void>;
}
