import type { Target } from './target.ts';

/** Finds the targets of this host. */
export interface TargetDiscovery {
  /**
   * Lists the targets that run now, without our own container, in any order. Rejects with DiscoveryError if the list can't be
   * read; never returns a part of it. Stops when the signal aborts.
   */
  discover(signal: AbortSignal): Promise<readonly Target[]>;
}

/** The targets can't be listed. The message tells an operator what is wrong and what to do. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
}
