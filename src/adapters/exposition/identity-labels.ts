import { escapedLabelValue } from '../../domain/exposition/escape.ts';
import type { Label } from '../../domain/label.ts';
import { hashRange, PADDING, writeLatin1 } from './bytes.ts';

/** One identity label, ready to be written. */
export interface IdentityLabel {
  readonly name: string;
  /** Escaped, one character per byte. */
  readonly value: string;
}

/** What a source's samples all get. */
export interface IdentityLabels {
  readonly labels: readonly IdentityLabel[];
  readonly names: ReadonlySet<string>;
  readonly nameLengths: ReadonlySet<number>;
  /** The names, as one string: equal for sources with the same ones. */
  readonly key: string;
  /** `name="value",…`. */
  readonly view: DataView;
  readonly byteLength: number;
  /** What the labels add to the hash of a sample's labels. */
  readonly hash: number;
}

/** Prepares identity labels; one without a value is none. */
export function identityLabels(labels: readonly Label[], seed: number): IdentityLabels {
  const present = labels
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => ({
      name,
      value: Buffer.from(escapedLabelValue(value)).toString('latin1'),
    }));
  const text = present.map(({ name, value }) => `${name}="${value}"`).join();
  const view = new DataView(new ArrayBuffer(text.length + PADDING));
  return {
    labels: present,
    names: new Set(present.map(({ name }) => name)),
    nameLengths: new Set(present.map(({ name }) => name.length)),
    key: present.map(({ name }) => name).join(),
    view,
    byteLength: writeLatin1(view, 0, text),
    hash: present.reduce((sum, { name, value }) => (sum + labelHash(name, value, seed)) | 0, 0),
  };
}

/** The hash of a label as it goes out: of its escaped value, seeded with that of its written name. */
export function labelHash(writtenName: string, escapedValue: string, seed: number): number {
  return hashOfText(escapedValue, hashOfText(writtenName, seed));
}

let scratch = new DataView(new ArrayBuffer(1024));

/** The hash of a string with one character per byte. */
export function hashOfText(text: string, seed: number): number {
  if (text.length + PADDING > scratch.byteLength) scratch = new DataView(new ArrayBuffer(text.length * 2));
  return hashRange(scratch, 0, writeLatin1(scratch, 0, text), seed);
}
