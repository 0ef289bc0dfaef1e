import type { MetricsSource, SourceExposition } from '../../domain/exposition/metrics-source.ts';

/** A prom-client registry of any version, as far as it is used here. */
export interface MetricsRegistry {
  readonly contentType: string;
  /** The exposition as it is now. */
  metrics(): Promise<string> | string;
}

/** Reads a prom-client registry as a source of a merge. */
export class RegistryMetricsSource implements MetricsSource {
  readonly containerName: string;
  readonly #registry: MetricsRegistry;

  constructor(containerName: string, registry: MetricsRegistry) {
    this.containerName = containerName;
    this.#registry = registry;
  }

  async read(): Promise<SourceExposition> {
    const text = await this.#registry.metrics();
    return { bytes: Buffer.from(text), contentType: this.#registry.contentType };
  }
}
