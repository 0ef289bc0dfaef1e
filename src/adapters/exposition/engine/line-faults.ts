/** Why a sample line is refused, and where. */
export interface LineFault {
  readonly message: string;
  readonly at: number;
  /** Is it only for its size? */
  readonly isTooLarge: boolean;
}

const TOO_MANY_LABELS = 2;

/** The engine's reasons, in its order: see assembly/grammar/faults.ts. The first one is that the line isn't whole yet. */
const MESSAGES = [
  '',
  '',
  'a sample with more labels than any program has',
  'expected a metric name',
  'expected a label name',
  'metric name in the labels',
  'expected = after a label name',
  'expected a quoted label value',
  'label value is not UTF-8',
  'expected a comma or a brace after a label',
  'duplicate label name',
  'label __name__',
  'empty name',
  'name is not UTF-8',
  'line feed after a backslash',
  'quote without an end',
  'NUL in a name or an exemplar',
  'expected milliseconds as timestamp',
  'expected seconds as timestamp',
  'expected a timestamp or an exemplar',
  'unexpected text after the sample',
  'expected a space before the value',
  'expected a space before the exemplar value',
  'expected a space before the timestamp',
  'expected a number as value',
  'expected a number as exemplar value',
  'expected a number as timestamp',
];

export function lineFault(reason: number, at: number): LineFault {
  return { message: MESSAGES[reason] ?? '', at, isTooLarge: reason === TOO_MANY_LABELS };
}
