import { escapedLabelValue } from '../../domain/exposition/escape.ts';
import type { Label } from '../../domain/targets/label.ts';

/** Prefix of the families about this exporter and its targets. */
export const PREFIX = 'ecs_service_metrics_exporter_';

const knownTexts = new WeakMap<readonly Label[], string>();

/** The labels in text 0.0.4, without the braces. Cached per array: identity labels don't change (see IdentityRegistry). */
export function labelsText(labels: readonly Label[]): string {
  const known = knownTexts.get(labels);
  if (known !== undefined) return known;
  const text = labels.map(({ name, value }) => `${name}="${escapedLabelValue(value)}"`).join(',');
  knownTexts.set(labels, text);
  return text;
}

/** Joins label texts with commas, without the empty ones. */
export function joinLabels(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(',');
}

/**
 * Writes one family in text 0.0.4; an empty text if it has no samples. Faster than prom-client, which hashes the labels of
 * each sample: 500 endpoints have thousands of samples in each scrape.
 */
export function familyText(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: Iterable<readonly [labels: string, value: number]>,
): string {
  let text = '';
  for (const [labels, value] of samples) {
    text += labels === '' ? `${PREFIX}${name} ${value}\n` : `${PREFIX}${name}{${labels}} ${value}\n`;
  }
  return text === '' ? '' : `# HELP ${PREFIX}${name} ${help}\n# TYPE ${PREFIX}${name} ${type}\n${text}`;
}
