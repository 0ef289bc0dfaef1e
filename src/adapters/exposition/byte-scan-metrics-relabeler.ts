import { randomInt } from 'node:crypto';
import type { Merge, MergeOptions, MetricsRelabeler } from '../../domain/metrics-relabeler.ts';
import { ByteScanMerge } from './byte-scan-merge.ts';
import { MergeMemory } from './merge-memory.ts';

const SEEDS = 2 ** 31;

/** Relabels and merges expositions by scanning their bytes, the plain lines in WebAssembly: hardly any strings. */
export class ByteScanMetricsRelabeler implements MetricsRelabeler {
  /** Makes hash collisions unforeseeable for targets. */
  readonly #seed = randomInt(SEEDS);
  /** Of a merge that is done; for the next one. */
  #spare: MergeMemory | undefined;

  start(options: MergeOptions): Merge {
    const memory = this.#spare ?? new MergeMemory(this.#seed);
    this.#spare = undefined;
    return new ByteScanMerge(options, memory, this.#seed, () => {
      if (memory.reset()) this.#spare = memory;
    });
  }
}
