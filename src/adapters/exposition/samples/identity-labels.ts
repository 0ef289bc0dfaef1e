import { escapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { Label } from '../../../domain/targets/label.ts';
import type { LineEngine, SourceIdentity } from '../engine/line-engine.ts';

/** One identity label, ready to be written. */
export interface IdentityLabel {
  readonly name: string;
  /** Escaped, one character per byte. */
  readonly value: string;
}

/** What a source's samples all get. */
export interface IdentityLabels extends SourceIdentity {
  readonly labels: readonly IdentityLabel[];
  readonly names: ReadonlySet<string>;
  readonly nameLengths: ReadonlySet<number>;
}

/** Remembers for each list of labels what was made of it: a target's list stays the same. */
export class KnownIdentities {
  readonly #known = new WeakMap<readonly Label[], IdentityLabels>();

  /** Prepares identity labels; one without a value is none. */
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
    reserved: [...names, '__name__'],
    nameLengths: new Set(present.map(({ name }) => name.length)),
    text: present.map(({ name, value }) => `${name}="${value}"`).join(),
    hash: present.reduce((sum, { name, value }) => (sum + engine.hashLabelText(name, value)) | 0, 0),
  };
}
