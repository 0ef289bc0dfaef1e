import type { Syntax } from './format.ts';
import { METRIC_TYPES, type MetricType } from './metric-type.ts';
import { SYNTAX_RULES } from './syntax-rules.ts';

/** Reads the word of a TYPE line; undefined for a word that the syntax doesn't have. */
export function parseMetricType(word: string, syntax: Syntax): MetricType | undefined {
  return METRIC_TYPES.find((type) => wordOf(type, syntax) === word);
}

/** The word for a TYPE line; OpenMetrics' word for a type that the syntax doesn't have. */
export function metricTypeWord(type: MetricType, syntax: Syntax): string {
  return wordOf(type, syntax) ?? type;
}

function wordOf(type: MetricType, syntax: Syntax): string | undefined {
  const rules = SYNTAX_RULES[syntax].types[type];
  return 'word' in rules ? rules.word : undefined;
}
