import { escapedLabelValue, unescapedLabelValue } from '../../../domain/exposition/escape.ts';
import { latin1 } from './bytes.ts';
import type { LabelSpans } from './label-spans.ts';
import type { SampleParser } from './sample-parser.ts';

/** A label as it is written: one character per byte. */
export interface ParsedLabel {
  /** Not escaped, not quoted. */
  readonly name: string;
  /** With its escapes, without its quotes. */
  readonly value: string;
}

export interface ParsedExemplar {
  readonly labels: readonly ParsedLabel[];
  readonly value: string;
  readonly timestamp: string | undefined;
}

/** A sample line as strings, with one character per byte: for the lines that need more than copying. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: readonly ParsedLabel[];
  readonly value: string;
  /** As its syntax writes it: milliseconds in text, seconds in OpenMetrics. */
  readonly timestamp: string | undefined;
  readonly exemplar: ParsedExemplar | undefined;
}

/** Equal for labels that mean the same: in any order, with or without empty ones. */
export function canonicalLabels(labels: readonly ParsedLabel[]): string {
  return labels
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => `${name.length}:${name}${canonicalValue(value)}"`)
    .sort()
    .join('');
}

/** An escaped value with the escapes that every reader takes. */
export function canonicalValue(value: string): string {
  return /[\\\n]/.test(value) ? escapedLabelValue(unescapedLabelValue(value)) : value;
}

/** The line that the parser has just been through. */
export function parsedSample(parser: SampleParser, bytes: Buffer): ParsedSample {
  const textOf = (start: number, end: number): string => latin1(bytes, start, end);
  const labelsOf = (spans: LabelSpans): ParsedLabel[] =>
    Array.from({ length: spans.count }, (_, label) => ({
      name: parser.labelName(spans, label),
      value: textOf(spans.valueStart(label), spans.valueEnd(label)),
    }));
  const timestampOf = (start: number, end: number): string | undefined =>
    end === 0 ? undefined : textOf(start, end);
  return {
    name: parser.name(),
    labels: labelsOf(parser.labels),
    value: textOf(parser.valueStart, parser.valueEnd),
    timestamp: timestampOf(parser.timestampStart, parser.timestampEnd),
    exemplar:
      parser.exemplarStart === 0
        ? undefined
        : {
            labels: labelsOf(parser.exemplarLabels),
            value: textOf(parser.exemplarValueStart, parser.exemplarValueEnd),
            timestamp: timestampOf(parser.exemplarTimestampStart, parser.exemplarTimestampEnd),
          },
  };
}
