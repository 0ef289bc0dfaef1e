import type { Syntax } from './format.ts';

/** Escapes a label's value, or a quoted name, for either format: backslash, double quote, line feed. */
export function escapedLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Reads an escaped label value or quoted name. An unknown escape keeps its backslash, as Prometheus reads it. */
export function unescapedLabelValue(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** Reads the text of a HELP line. In text 0.0.4 a backslash before a quote stays: only OpenMetrics escapes quotes there. */
export function unescapedHelp(text: string, syntax: Syntax): string {
  if (syntax === 'openmetrics') return unescapedLabelValue(text);
  return text.replace(/\\([\\n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** Escapes the text of a HELP line: backslash, line feed and, in OpenMetrics, double quote. */
export function escapedHelp(text: string, syntax: Syntax): string {
  if (syntax === 'openmetrics') return escapedLabelValue(text);
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
