import type { Syntax } from './format.ts';

/** The types of families, in OpenMetrics' words (OpenMetrics 1.0.0, section "Metric Types"). */
const METRIC_TYPES = [
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

const TEXT_TYPES: readonly MetricType[] = ['counter', 'gauge', 'histogram', 'summary'];

/** Reads the word of a TYPE line; undefined for a word that the syntax doesn't have. Text says `untyped` for `unknown`. */
export function parseMetricType(word: string, syntax: Syntax): MetricType | undefined {
  if (syntax === 'text') return word === 'untyped' ? 'unknown' : TEXT_TYPES.find((type) => type === word);
  return METRIC_TYPES.find((type) => type === word);
}

/** The word for a TYPE line. */
export function metricTypeWord(type: MetricType, syntax: Syntax): string {
  return type === 'unknown' && syntax === 'text' ? 'untyped' : type;
}

/**
 * The name that a declared family goes by in both formats: a counter by its `_total` sample, an info by its `_info`
 * sample, any other by the declared name. So text's `counter foo_total` and OpenMetrics' `counter foo` are one family, and
 * OpenMetrics' `gauge foo` is another one.
 */
export function familyKey(declaredName: string, type: MetricType, syntax: Syntax): string {
  if (syntax === 'openmetrics' && type === 'counter') return `${declaredName}_total`;
  if (syntax === 'openmetrics' && type === 'info') return `${declaredName}_info`;
  return declaredName;
}

/**
 * The type that a declared one becomes in the other format: text has no info and no stateset, and Prometheus' client
 * libraries write both as gauges there.
 */
export function typeIn(output: Syntax, type: MetricType): MetricType {
  return output === 'text' && (type === 'info' || type === 'stateset') ? 'gauge' : type;
}

/** How a family stands in an exposition. */
export interface FamilyShape {
  /** The name on its TYPE line. */
  readonly name: string;
  /** The sample names that belong to it. */
  readonly members: readonly string[];
  /** A name that no other family or sample may have beside it, although it has no sample of that name itself. */
  readonly reserved: string | undefined;
}

/**
 * The shape of a family, or undefined where the format can't express it: a text counter whose name doesn't end in
 * `_total` has no OpenMetrics form, and a gaugehistogram has no text form.
 *
 * Text: exposition formats, section "Histograms and summaries". OpenMetrics 1.0.0: section "Metric Types" (suffixes) and
 * "MetricFamily" (names must not clash).
 */
export function familyShape(key: string, type: MetricType, output: Syntax): FamilyShape | undefined {
  const shape = (name: string, suffixes: readonly string[]): FamilyShape => ({
    name,
    members: suffixes.map((suffix) => name + suffix),
    reserved: suffixes.includes('') ? undefined : name,
  });
  const created = output === 'openmetrics' ? ['_created'] : [];
  switch (type) {
    case 'gauge':
    case 'stateset':
    case 'unknown':
      return shape(key, ['']);
    case 'histogram':
      return shape(key, ['_bucket', '_sum', '_count', ...created]);
    case 'summary':
      return shape(key, ['', '_sum', '_count', ...created]);
    case 'gaugehistogram':
      return output === 'text' ? undefined : shape(key, ['_bucket', '_gsum', '_gcount']);
    case 'info':
      return output === 'text' ? undefined : shape(key.slice(0, -'_info'.length), ['_info']);
    case 'counter': {
      if (output === 'text') return shape(key, ['']);
      const name = key.slice(0, -'_total'.length);
      const isCounterName = key.endsWith('_total') && name !== '' && !name.endsWith('_total');
      return isCounterName ? shape(name, ['_total', '_created']) : undefined;
    }
  }
}

/** May a sample carry an exemplar? (OpenMetrics 1.0.0, section "Exemplars"; Prometheus up to 2.42 goes by the suffix) */
export function allowsExemplar(type: MetricType, sampleName: string): boolean {
  if (type === 'counter') return sampleName.endsWith('_total');
  return (type === 'histogram' || type === 'gaugehistogram') && sampleName.endsWith('_bucket');
}
