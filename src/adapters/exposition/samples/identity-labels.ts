import { escapedLabelValue } from '../../../domain/exposition/escape.ts';
import { METRIC_NAME_LABEL } from '../../../domain/exposition/name.ts';
import type { Label } from '../../../domain/targets/label.ts';
import type { LineEngine, SourceIdentity } from '../engine/line-engine.ts';

/** One identity label, ready to be written. */
export interface IdentityLabel {
  readonly name: string;
  /** Escaped, one character per byte. */
  readonly value: string;
}

/** The labels added to every sample of a source. */
export interface IdentityLabels extends SourceIdentity {
  readonly labels: readonly IdentityLabel[];
  readonly names: ReadonlySet<string>;
  readonly nameLengths: ReadonlySet<number>;
}

/**
 * Identity labels by the list that they were made of. A target keeps one list (the object) while it runs; an equal copy would be right
 * here, but slower.
 */
export class KnownIdentities {
  readonly #known = new WeakMap<readonly Label[], IdentityLabels>();

  /** The identity made of these labels, without those that have no value. */
  of(labels: readonly Label[], engine: LineEngine): IdentityLabels {
    let identity = this.#known.get(labels);
    if (identity === undefined) {
      identity = identityLabels(labels, engine);
      this.#known.set(labels, identity);
    }
    return identity;
  }
}

function identityLabels(labels: readonly Label[], engine: LineEngine): IdentityLabels {
  const present = labels
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => ({
      name,
      value: Buffer.from(escapedLabelValue(value)).toString('latin1'),
    }));
  const names = new Set(present.map(({ name }) => name));
  return {
    labels: present,
    names,
    reserved: [...names, METRIC_NAME_LABEL],
    nameLengths: new Set(present.map(({ name }) => name.length)),
    text: present.map(({ name, value }) => `${name}="${value}"`).join(),
    hash: present.reduce((sum, { name, value }) => (sum + engine.hashLabelText(name, value)) | 0, 0),
  };
}
