import { escapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { OutputFormat } from '../../../domain/exposition/format.ts';
import {
  isClassicLabelName,
  isClassicMetricName,
  underscoredMetricName,
} from '../../../domain/exposition/name.ts';

/** A metric name as it is written, without quotes. */
export function writtenMetricName(name: string, mode: OutputFormat['names']): string {
  if (mode === 'allow-utf-8' || isClassicMetricName(name)) return name;
  return underscoredMetricName(Buffer.from(name, 'latin1').toString());
}

/** The bytes of a label name as it is written: quoted unless it is a classic one. */
export function writtenLabelName(name: string): Uint8Array {
  return Buffer.from(isClassicLabelName(name) ? name : `"${escapedLabelValue(name)}"`, 'latin1');
}
