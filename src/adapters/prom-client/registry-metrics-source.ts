import type { MetricsSource, SourceExposition } from '../../domain/exposition/metrics-source.ts';

/** What is used of a prom-client registry, of whatever version. */
export interface MetricsRegistry {
  readonly contentType: string;
  /** The exposition as it is now. */
  metrics(): Promise<string> | string;
}

/** A prom-client registry as a source. */
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
