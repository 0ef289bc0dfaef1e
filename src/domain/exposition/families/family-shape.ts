import type { Syntax } from '../format.ts';
import type { MetricType } from '../metric-type.ts';
import { SYNTAX_RULES } from '../syntax-rules.ts';

/** The names that a family needs in an exposition. */
export interface FamilyShape {
  /** The name on its TYPE line. */
  readonly name: string;
  /** The sample names that belong to it. */
  readonly members: readonly string[];
  /** A name that no other family or sample may have beside it, although it has no sample of that name itself. */
  readonly reserved: string | undefined;
}

const TYPES_WITH_CREATED: readonly (MetricType | undefined)[] = ['counter', 'histogram', 'summary'];

/**
 * The name that a declared family goes by in all syntaxes: a counter by its `_total` sample, an info by its `_info`
 * sample, any other by the declared name. So text's `counter foo_total` and OpenMetrics' `counter foo` are one family, and
 * OpenMetrics' `gauge foo` is another one.
 */
export function familyKey(declaredName: string, type: MetricType, syntax: Syntax): string {
  const rules = SYNTAX_RULES[syntax].types[type];
  return 'word' in rules ? declaredName + rules.keySuffix : declaredName;
}

/** The type that a declared one becomes in another syntax; where that has nothing like it, the type stays. */
export function typeIn(output: Syntax, type: MetricType): MetricType {
  const rules = SYNTAX_RULES[output].types[type];
  return 'word' in rules ? type : (rules.instead ?? type);
}

/** Is `x_created` a sample of a family `x` of this type? */
export function hasCreated(type: MetricType | undefined, syntax: Syntax): boolean {
  return SYNTAX_RULES[syntax].hasCreated && TYPES_WITH_CREATED.includes(type);
}

/**
 * The shape of a family, or undefined where the syntax can't express it: a text counter whose name doesn't end in
 * `_total` has no OpenMetrics form, and a gaugehistogram has no text form.
 *
 * Text: exposition formats, section "Histograms and summaries". OpenMetrics 1.0.0: section "Metric Types" (suffixes) and
 * "MetricFamily" (names must not clash).
 */
export function familyShape(key: string, type: MetricType, output: Syntax): FamilyShape | undefined {
  const rules = SYNTAX_RULES[output].types[type];
  if (!('word' in rules) || !key.endsWith(rules.keySuffix)) return undefined;
  const { suffixes, keySuffix } = rules;
  const name = key.slice(0, key.length - keySuffix.length);
  if (type === 'counter' && keySuffix !== '' && (name === '' || name.endsWith(keySuffix))) return undefined;
  const created = hasCreated(type, output) ? ['_created'] : [];
  return {
    name,
    members: [...suffixes, ...created].map((suffix) => name + suffix),
    reserved: suffixes.includes('') ? undefined : name,
  };
}
