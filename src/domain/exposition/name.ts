/** Is it a metric name that every version of Prometheus takes without quotes? (Prometheus data model) */
export function isClassicMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

/** Is it a label name that every version of Prometheus takes without quotes? */
export function isClassicLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/**
 * Escapes a metric name by the underscores scheme: every character that a classic name can't have at its place becomes
 * an underscore (Prometheus, "UTF-8 in Prometheus", section "Escaping": `underscores`).
 */
export function underscoredMetricName(name: string): string {
  return name.replace(/^[^a-zA-Z_:]|(?<!^)[^a-zA-Z0-9_:]/gu, '_');
}

/** The prefix of a label that has an identity label's name (Prometheus, `honor_labels: false`). */
const EXPORTED_PREFIX = 'exported_';

/** The label that is the metric's name, so that no sample may have one called so (Prometheus data model). */
const METRIC_NAME_LABEL = '__name__';

/** As underscoredMetricName, for a label name, which has no colon either; what would be `__name__` gets a prefix. */
export function underscoredLabelName(name: string): string {
  const escaped = name.replace(/^[^a-zA-Z_]|(?<!^)[^a-zA-Z0-9_]/gu, '_');
  return escaped === METRIC_NAME_LABEL ? EXPORTED_PREFIX + escaped : escaped;
}

/**
 * Labels of a sample that may get another name because their escaped one is taken. Each one's name is longer than the one
 * before, so without a limit the output would grow by the square of a line's length.
 */
export const MAX_ESCAPED_ASIDE = 8;

/** The first free name for a label whose own one is taken: prefixed by `exported_` until nothing has that name. */
export function exportedName(name: string, isTaken: (name: string) => boolean): string {
  let free = EXPORTED_PREFIX + name;
  while (isTaken(free)) free = EXPORTED_PREFIX + free;
  return free;
}
