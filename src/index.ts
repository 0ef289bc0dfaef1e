export {
  createExporter,
  type CollectedMetrics,
  type CollectRequest,
  type Exporter,
} from './infrastructure/library/create-exporter.ts';
export type { ExporterOptions } from './infrastructure/library/exporter-options.ts';
export * from './infrastructure/library/parts.ts';
export * from './infrastructure/library/answers.ts';
