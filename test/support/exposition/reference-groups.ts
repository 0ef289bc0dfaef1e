import type { PlannedFamily } from '../../../src/domain/exposition/families/family-plan.ts';
import type { Syntax } from '../../../src/domain/exposition/format.ts';
import type { OutSample } from './reference-relabeler.ts';

const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?|nan)$/i;

/** Does every sample have the structure that the strictest reader wants for the family's type? */
export function fitsType(
  { type, name }: PlannedFamily,
  samples: readonly OutSample[],
  output: Syntax,
): boolean {
  const isHistogram = type === 'histogram' || type === 'gaugehistogram';
  const labelOf = (sample: OutSample, label: string): string | undefined =>
    sample.labels.find(([other, value]) => other === label && value !== '')?.[1];
  const areNumbers = (label: string): boolean =>
    samples.every(({ labels }) => {
      const value = labels.find(([other]) => other === label)?.[1];
      return value === undefined || (isNumber(value) && !(label === 'le' && Number.isNaN(numberOf(value))));
    });
  if (output === 'text') {
    if (isHistogram) return areNumbers('le');
    return type !== 'summary' || areNumbers('quantile');
  }
  if (type === 'unknown' || type === 'gauge') return true;
  const groups = groupBy(samples, (sample) => (type === 'info' ? '' : groupOf(sample, type, name)));
  for (const group of groups.values()) {
    const timed = group.filter(({ milliseconds }) => milliseconds !== undefined).length;
    if (timed > 0 && timed < group.length) return false;
  }
  if (type === 'stateset') return samples.every((sample) => sample.labels.some(([label]) => label === name));
  if (type === 'summary') {
    return samples
      .filter((sample) => sample.name === name)
      .every((sample) => isNumber(labelOf(sample, 'quantile') ?? ''));
  }
  if (!isHistogram) return true;
  const points = groupBy(
    samples,
    (sample) => `${groupOf(sample, type, name)} ${String(sample.milliseconds)}`,
  );
  return [...points.values()].every((point) => {
    const bounds = point
      .filter((sample) => sample.name === `${name}_bucket`)
      .map((sample) => labelOf(sample, 'le') ?? '');
    const numbers = bounds.map(numberOf);
    const hasSum = point.some((sample) => /_g?sum$/.test(sample.name.slice(name.length)));
    const hasCount = point.some((sample) => /_g?count$/.test(sample.name.slice(name.length)));
    return (
      bounds.every(isNumber) &&
      !numbers.some((bound) => Number.isNaN(bound)) &&
      new Set(numbers).size === numbers.length &&
      bounds.includes('+Inf') &&
      hasSum === hasCount
    );
  });
}

/** The samples with those of a metric together, in order of time, and its buckets in order of their bounds if these are numbers. */
export function inGroups({ type, name }: PlannedFamily, samples: readonly OutSample[]): readonly OutSample[] {
  const isBucket = (sample: OutSample): boolean =>
    (type === 'histogram' || type === 'gaugehistogram') && sample.name === `${name}_bucket`;
  return [...groupBy(samples, (sample) => groupOf(sample, type, name)).values()].flatMap((group) => {
    const byTime = group.toSorted((a, b) => compare(timeOf(a), timeOf(b)));
    const hasOddBound = byTime.filter(isBucket).some((sample) => Number.isNaN(boundOf(sample)));
    if (hasOddBound) return byTime;
    const buckets = byTime
      .filter(isBucket)
      .sort((a, b) => compare(timeOf(a), timeOf(b)) || compare(boundOf(a), boundOf(b)));
    return byTime.map((sample) => (isBucket(sample) ? buckets.shift()! : sample));
  });
}

function groupOf(sample: OutSample, type: string, family: string): string {
  const part =
    type === 'stateset'
      ? family
      : type === 'summary' && sample.name === family
        ? 'quantile'
        : type.endsWith('histogram') && sample.name === `${family}_bucket`
          ? 'le'
          : undefined;
  const labels = sample.labels.filter(([name, value]) => value !== '' && name !== part);
  return JSON.stringify(labels.map((pair) => JSON.stringify(pair)).sort());
}

function groupBy(
  samples: readonly OutSample[],
  key: (sample: OutSample) => string,
): Map<string, OutSample[]> {
  const groups = new Map<string, OutSample[]>();
  for (const sample of samples) groups.set(key(sample), [...(groups.get(key(sample)) ?? []), sample]);
  return groups;
}

function timeOf({ milliseconds }: OutSample): number {
  return milliseconds === undefined ? Infinity : Number(milliseconds);
}

function boundOf(sample: OutSample): number {
  const text = sample.labels.find(([name]) => name === 'le')?.[1] ?? '';
  return isNumber(text) ? numberOf(text) : NaN;
}

function isNumber(text: string): boolean {
  return NUMBER.test(text) && (/[in]/i.test(text) || Number.isFinite(Number(text)));
}

function numberOf(text: string): number {
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
