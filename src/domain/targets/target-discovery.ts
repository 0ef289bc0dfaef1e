import type { Target } from './target.ts';

/** Finds the targets of this host. */
export interface TargetDiscovery {
  /**
   * Lists what runs now, our own container excluded, in any order. Rejects with DiscoveryError where the source can't be
   * asked; never returns a part of the list. Stops when the signal aborts.
   */
  discover(signal: AbortSignal): Promise<readonly Target[]>;
}

/** The source of targets doesn't answer. The message says what is wrong and what to do, in words for an operator. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
}
