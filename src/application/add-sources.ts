import type { Label } from '../domain/targets/label.ts';
import type { Logger } from '../domain/logger.ts';
import type { Merge } from '../domain/exposition/metrics-relabeler.ts';
import type { MetricsSource } from '../domain/exposition/metrics-source.ts';
import { withoutWaitingFor } from './fetching/deadline.ts';

/** The identity of a source: the labels that its samples get. */
export function sourceLabels(containerName: string): readonly Label[] {
  return [{ name: 'container_name', value: containerName }];
}

interface IdentifiedSource {
  readonly source: MetricsSource;
  readonly labels: readonly Label[];
}

/** Adds the sources that are not targets to a scrape. One that fails is left out; the log shows when that begins and ends. */
export class AddSources {
  readonly #sources: readonly IdentifiedSource[];
  readonly #logger: Logger;
  readonly #problems = new Map<string, string>();

  constructor(sources: readonly MetricsSource[], logger: Logger) {
    // Once for all scrapes: a merge remembers labels by their array.
    this.#sources = sources.map((source) => ({ source, labels: sourceLabels(source.containerName) }));
    this.#logger = logger;
  }

  get count(): number {
    return this.#sources.length;
  }

  /**
   * Reads the wanted sources and adds them from `firstRank` on. Resolves when the signal aborts, at the latest. A source that did
   * not finish because the client has left is not logged as failed.
   */
  async addTo(
    merge: Merge,
    isWanted: (containerName: string) => boolean,
    firstRank: number,
    { signal, client }: Readonly<Record<'signal' | 'client', AbortSignal>>,
  ): Promise<void> {
    await Promise.all(
      this.#sources.map(async (identified, i) => {
        const { containerName } = identified.source;
        if (!isWanted(containerName)) return;
        const problem = await this.#add(merge, identified, firstRank + i, signal);
        if (!client.aborted) this.#logChange(containerName, problem);
      }),
    );
  }

  /** Resolves with the problem if there was one. */
  async #add(
    merge: Merge,
    { source, labels }: IdentifiedSource,
    rank: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      const { bytes, contentType } = await withoutWaitingFor(source.read(signal), signal);

      const read = merge.add({ labels, body: bytes, contentType, sampleLimit: 0, rank });
      return read.ok ? undefined : `${read.reason}: ${read.detail}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #logChange(containerName: string, problem: string | undefined): void {
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
