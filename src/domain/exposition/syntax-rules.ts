import type { Syntax } from './format.ts';
import type { MetricType } from './metric-type.ts';

/** How the families of one type are written. */
interface WrittenType {
  /** The word on a TYPE line. */
  readonly word: string;
  /** Suffixes of the sample names, `_created` aside; an empty one is the family's own name. */
  readonly suffixes: readonly string[];
  /** The suffix that makes the family's name its key: see `familyKey`. */
  readonly keySuffix: string;
}

/** A type that the syntax does not have. */
interface MissingType {
  /** The type that is written instead; undefined if each sample name becomes an untyped family. */
  readonly instead: MetricType | undefined;
}

/** The rules in which the syntaxes differ. A further syntax compiles once it has answered all of them. */
export interface SyntaxRules {
  readonly types: Readonly<Record<MetricType, WrittenType | MissingType>>;
  /** Is `x_created` a sample of family `x`? If not, it is a gauge of its own. */
  readonly hasCreated: boolean;
  readonly hasUnit: boolean;
  readonly hasExemplars: boolean;
  /** May there be blank lines, comments, and any number of blanks and tabs between the parts of a line? */
  readonly isFreeForm: boolean;
  /** Are double quotes escaped in a HELP line, as backslashes and line feeds are? */
  readonly escapesQuotesInHelp: boolean;
  readonly timestampUnit: 'milliseconds' | 'seconds';
  /** Must the samples of a metric be together, in order of time and, in histograms, of their bounds? */
  readonly groupsMetrics: boolean;
  /** Must every point be whole (a `+Inf` bucket, sum and count both or neither, a label for the quantile or state)? */
  readonly needsWholePoints: boolean;
  /** May some samples of a metric have a timestamp and others none? */
  readonly mixesTimestamps: boolean;
  /** The last line, if an exposition has to end in a certain one. */
  readonly endMark: string | undefined;
}

const TYPE_WITH_OWN_NAME = { suffixes: [''], keySuffix: '' } as const;
const HISTOGRAM: WrittenType = { word: 'histogram', suffixes: ['_bucket', '_sum', '_count'], keySuffix: '' };
const SUMMARY: WrittenType = { word: 'summary', suffixes: ['', '_sum', '_count'], keySuffix: '' };

export const SYNTAX_RULES: Readonly<Record<Syntax, SyntaxRules>> = {
  // Prometheus, "Exposition formats", section "Text-based format". Types that it does not have are written as Prometheus' client
  // libraries write them.
  text: {
    types: {
      counter: { word: 'counter', ...TYPE_WITH_OWN_NAME },
      gauge: { word: 'gauge', ...TYPE_WITH_OWN_NAME },
      histogram: HISTOGRAM,
      summary: SUMMARY,
      info: { instead: 'gauge' },
      stateset: { instead: 'gauge' },
      gaugehistogram: { instead: undefined },
      unknown: { word: 'untyped', ...TYPE_WITH_OWN_NAME },
    },
    hasCreated: false,
    hasUnit: false,
    hasExemplars: false,
    isFreeForm: true,
    escapesQuotesInHelp: false,
    timestampUnit: 'milliseconds',
    groupsMetrics: false,
    needsWholePoints: false,
    mixesTimestamps: true,
    endMark: undefined,
  },
  // OpenMetrics 1.0.0.
  openmetrics: {
    types: {
      counter: { word: 'counter', suffixes: ['_total'], keySuffix: '_total' },
      gauge: { word: 'gauge', ...TYPE_WITH_OWN_NAME },
      histogram: HISTOGRAM,
      summary: SUMMARY,
      info: { word: 'info', suffixes: ['_info'], keySuffix: '_info' },
      stateset: { word: 'stateset', ...TYPE_WITH_OWN_NAME },
      gaugehistogram: { word: 'gaugehistogram', suffixes: ['_bucket', '_gsum', '_gcount'], keySuffix: '' },
      unknown: { word: 'unknown', ...TYPE_WITH_OWN_NAME },
    },
    hasCreated: true,
    hasUnit: true,
    hasExemplars: true,
    isFreeForm: false,
    escapesQuotesInHelp: true,
    timestampUnit: 'seconds',
    groupsMetrics: true,
    needsWholePoints: true,
    mixesTimestamps: false,
    endMark: '# EOF',
  },
};
