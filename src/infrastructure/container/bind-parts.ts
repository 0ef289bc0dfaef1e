import type { Container } from 'inversify';

import { RegistryMetricsSource } from '../../adapters/prom-client/registry-metrics-source.ts';
import type { ExporterOptions } from '../library/exporter-options.ts';
import { PORTS, SERVICES } from './services.ts';

/** Replaces our own parts by those that the options give. */
export function bindParts(container: Container, options: ExporterOptions): void {
  const { discovery, fetcher, relabeler, logger, clock, registries = {} } = options;
  if (discovery !== undefined && typeof discovery !== 'string')
    container.rebind(PORTS.discovery).toConstantValue(discovery);
  if (fetcher !== undefined) container.rebind(PORTS.fetcher).toConstantValue(fetcher);
  if (relabeler !== undefined) container.rebind(PORTS.relabeler).toConstantValue(relabeler);
  if (logger !== undefined) container.rebind(PORTS.logger).toConstantValue(logger);
  if (clock !== undefined) container.rebind(PORTS.clock).toConstantValue(clock);
  const sources = Object.entries(registries).map(
    ([containerName, registry]) => new RegistryMetricsSource(containerName, registry),
  );
  container.rebind(SERVICES.sources).toConstantValue(sources);
  options.configure?.(container, PORTS);
}
