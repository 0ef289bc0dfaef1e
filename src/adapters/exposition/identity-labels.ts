import { escapedLabelValue } from '../../domain/exposition/escape.ts';
import type { Label } from '../../domain/label.ts';
import type { LineEngine, SourceIdentity } from './line-engine.ts';

/** One identity label, ready to be written. */
export interface IdentityLabel {
  readonly name: string;
  /** Escaped, one character per byte. */
  readonly value: string;
}

/** What a source's samples all get. */
export interface IdentityLabels extends SourceIdentity {
  readonly labels: readonly IdentityLabel[];
  readonly nameLengths: ReadonlySet<number>;
}

/** Prepares identity labels; one without a value is none. */
export function identityLabels(labels: readonly Label[], engine: LineEngine): IdentityLabels {
  const present = labels
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => ({
      name,
      value: Buffer.from(escapedLabelValue(value)).toString('latin1'),
    }));
  return {
    labels: present,
    names: new Set(present.map(({ name }) => name)),
    nameLengths: new Set(present.map(({ name }) => name.length)),
    text: present.map(({ name, value }) => `${name}="${value}"`).join(),
    hash: present.reduce((sum, { name, value }) => (sum + engine.hashLabelText(name, value)) | 0, 0),
  };
}
