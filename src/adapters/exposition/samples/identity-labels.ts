import { escapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { Label } from '../../../domain/targets/label.ts';

/** One identity label, ready to be written. */
interface IdentityLabel {
  readonly name: string;
  /** Escaped, one character per byte. */
  readonly value: string;
}

/** The labels added to every sample of a source. */
export interface IdentityLabels {
  readonly labels: readonly IdentityLabel[];
  /** `name="value",…`, one character per byte. */
  readonly text: string;
}

/**
 * Identity labels by the list that they were made of. A target keeps one list (the object) while it runs; an equal copy would be right
 * here, but slower.
 */
export class KnownIdentities {
  readonly #known = new WeakMap<readonly Label[], IdentityLabels>();

  /** The identity made of these labels, without those that have no value. */
  of(labels: readonly Label[]): IdentityLabels {
    let identity = this.#known.get(labels);
    if (identity === undefined) {
      identity = identityLabels(labels);
      this.#known.set(labels, identity);
    }
    return identity;
  }
}

function identityLabels(labels: readonly Label[]): IdentityLabels {
  const present = labels
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => ({
      name,
      value: Buffer.from(escapedLabelValue(value)).toString('latin1'),
    }));
  return { labels: present, text: present.map(({ name, value }) => `${name}="${value}"`).join() };
}
