/** The types of families, in OpenMetrics' words (OpenMetrics 1.0.0, section "Metric Types"). */
export const METRIC_TYPES = [
  'counter',
  'gauge',
  'histogram',
  'summary',
  'info',
  'stateset',
  'gaugehistogram',
  'unknown',
] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** The label that tells the samples of one metric apart: a bucket's bound, or a quantile. */
export function boundLabel(type: MetricType): 'le' | 'quantile' | undefined {
  if (type === 'summary') return 'quantile';
  return type === 'histogram' || type === 'gaugehistogram' ? 'le' : undefined;
}

/** May a sample carry an exemplar? (OpenMetrics 1.0.0, section "Exemplars"; Prometheus up to 2.42 goes by the suffix) */
export function allowsExemplar(type: MetricType, sampleName: string): boolean {
  if (type === 'counter') return sampleName.endsWith('_total');
  return (type === 'histogram' || type === 'gaugehistogram') && sampleName.endsWith('_bucket');
}
