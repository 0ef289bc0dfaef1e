import type { Syntax } from './format.ts';
import { SYNTAX_RULES } from './syntax-rules.ts';

/** Escapes a label's value, or a quoted name, for either format: backslash, double quote, line feed. */
export function escapedLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Reads an escaped label value or quoted name. An unknown escape keeps its backslash, as Prometheus reads it. */
export function unescapedLabelValue(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** Reads the text of a HELP line. Where the syntax doesn't escape quotes there, a backslash before one stays. */
export function unescapedHelp(text: string, syntax: Syntax): string {
  if (SYNTAX_RULES[syntax].escapesQuotesInHelp) return unescapedLabelValue(text);
  return text.replace(/\\([\\n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** Escapes the text of a HELP line: backslash, line feed and, in some syntaxes, double quote. */
export function escapedHelp(text: string, syntax: Syntax): string {
  if (SYNTAX_RULES[syntax].escapesQuotesInHelp) return escapedLabelValue(text);
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
