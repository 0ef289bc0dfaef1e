/** Limits how many operations run at once. */
export interface Admission {
  /**
   * Waits for a slot, first come first served, and resolves with the function that frees it again (calling it twice does
   * no harm). Rejects with the signal's reason if the signal aborts first.
   */
  enter(signal: AbortSignal): Promise<() => void>;
}
