import { randomInt } from 'node:crypto';
import type { Merge, MergeOptions, MetricsRelabeler } from '../../domain/exposition/metrics-relabeler.ts';
import { ExpositionMerge } from './exposition-merge.ts';
import { MergeMemory } from './samples/merge-memory.ts';
import { MetadataCache } from './samples/metadata-cache.ts';
import { ObjectPool, TrimTimer } from './bodies/object-pool.ts';

const SEEDS = 2 ** 31;

/** Relabels and merges expositions as bytes, in WebAssembly for the most part: hardly any strings. */
export class WasmMetricsRelabeler implements MetricsRelabeler {
  /** Makes hash collisions unforeseeable for targets. */
  readonly #seed = randomInt(SEEDS);
  readonly #metadata = new MetadataCache();
  /** The memory of merges that are done, for the next ones. */
  readonly #memories = new ObjectPool<MergeMemory>();
  readonly #timer = new TrimTimer();

  start(options: MergeOptions): Merge {
    const memory = this.#memories.take() ?? new MergeMemory(this.#seed, this.#metadata);
    return new ExpositionMerge(options, memory, () => {
      if (memory.reset()) this.#memories.give(memory);
      if (this.#timer.isDue) this.#memories.trim();
    });
  }
}
