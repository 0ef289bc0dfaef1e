import { escapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { OutputFormat } from '../../../domain/exposition/format.ts';
import {
  isClassicLabelName,
  isClassicMetricName,
  underscoredMetricName,
} from '../../../domain/exposition/name.ts';

/** The spelling that a metric name goes out with (not quoted). */
export function writtenMetricName(name: string, mode: OutputFormat['names']): string {
  if (mode === 'allow-utf-8' || isClassicMetricName(name)) return name;
  return underscoredMetricName(Buffer.from(name, 'latin1').toString());
}

/** `writtenName` as it is in a line. */
export function writtenLabelName(name: string): Uint8Array {
  return Buffer.from(writtenName(name), 'latin1');
}

/** How a label name is written: quoted where it is not a classic one. */
export function writtenName(name: string): string {
  return isClassicLabelName(name) ? name : `"${escapedLabelValue(name)}"`;
}
