import type { Label } from '../domain/targets/label.ts';
import type { Logger } from '../domain/logger.ts';
import type { Merge } from '../domain/exposition/metrics-relabeler.ts';
import type { MetricsSource } from '../domain/exposition/metrics-source.ts';
import { withoutWaitingFor } from './fetching/deadline.ts';

/** The labels that a source's samples get. */
export function sourceLabels(containerName: string): readonly Label[] {
  return [{ name: 'container_name', value: containerName }];
}

/** Adds the sources that are no targets to a scrape. One that fails is left out; the log says when that begins and ends. */
export class AddSources {
  readonly #sources: readonly MetricsSource[];
  readonly #logger: Logger;
  readonly #problems = new Map<string, string>();

  constructor(sources: readonly MetricsSource[], logger: Logger) {
    this.#sources = sources;
    this.#logger = logger;
  }

  get count(): number {
    return this.#sources.length;
  }

  /**
   * Reads the wanted sources and adds them from `firstRank` on. Resolves when the signal aborts, at the latest. What the client cuts
   * short says nothing about the sources.
   */
  async addTo(
    merge: Merge,
    isWanted: (containerName: string) => boolean,
    firstRank: number,
    { signal, client }: Readonly<Record<'signal' | 'client', AbortSignal>>,
  ): Promise<void> {
    await Promise.all(
      this.#sources.map(async (source, i) => {
        if (!isWanted(source.containerName)) return;
        const problem = await this.#add(merge, source, firstRank + i, signal);
        if (!client.aborted) this.#note(source.containerName, problem);
      }),
    );
  }

  /** Resolves with what went wrong. */
  async #add(
    merge: Merge,
    source: MetricsSource,
    rank: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      const { bytes, contentType } = await withoutWaitingFor(source.read(signal), signal);
      const labels = sourceLabels(source.containerName);
      const read = merge.add({ labels, body: bytes, contentType, sampleLimit: 0, rank });
      return read.ok ? undefined : `${read.reason}: ${read.detail}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #note(containerName: string, problem: string | undefined): void {
    const before = this.#problems.get(containerName);
    if (problem === before) return;
    if (problem === undefined) {
      this.#problems.delete(containerName);
      this.#logger.info('a source of metrics is complete again', { containerName });
    } else {
      this.#problems.set(containerName, problem);
      this.#logger.warn('a source of metrics is left out', { containerName, problem });
    }
  }
}
