import { latin1, mix, PADDING, writeLatin1 } from '../lines/bytes.ts';

/** Gives every sample name a number, and finds it again by its bytes. Names are kept as they go out. */
export class NameTable {
  readonly #seed: number;
  /** All names, one behind the other. */
  #view = new DataView(new ArrayBuffer(16 * 1024));
  /** Where each name ends; it begins where the one before ends. */
  readonly #ends: number[] = [];
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  get count(): number {
    return this.#texts.length;
  }

  /** Of all names together. */
  get byteLength(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Where the bytes of the names are; changes when a name is added. */
  get view(): DataView {
    return this.#view;
  }

  startOf(name: number): number {
    return name === 0 ? 0 : (this.#ends[name - 1] ?? 0);
  }

  endOf(name: number): number {
    return this.#ends[name] ?? 0;
  }

  /** A hash of its own for every name. */
  hashOf(name: number): number {
    return mix(name ^ this.#seed);
  }

  /** The name, one character per byte. */
  latin1Of(name: number): string {
    return this.#texts[name] ?? '';
  }

  /** The number of the name that [start, end) spells. */
  intern(bytes: Buffer, start: number, end: number): number {
    return this.internLatin1(latin1(bytes, start, end));
  }

  /** The number of a name given as a string with one character per byte. */
  internLatin1(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const name = this.count;
    const start = this.byteLength;
    this.#ensure(start + text.length);
    this.#ends.push(writeLatin1(this.#view, start, text));
    this.#texts.push(text);
    this.#numbers.set(text, name);
    return name;
  }

  /** Forgets the names behind the first `count`. */
  rewind(count: number): void {
    for (const text of this.#texts.splice(count)) this.#numbers.delete(text);
    this.#ends.length = count;
  }

  #ensure(byteLength: number): void {
    if (byteLength + PADDING <= this.#view.byteLength) return;
    const bytes = new Uint8Array(Math.max(byteLength + PADDING, this.#view.byteLength * 2));
    bytes.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(bytes.buffer);
  }
}
