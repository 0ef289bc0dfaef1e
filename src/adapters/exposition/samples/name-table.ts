import { latin1, mix, PADDING, writeLatin1 } from '../lines/bytes.ts';

/** Sample names by number, from 1 as in the engine, where 0 is no name. Names are kept as they are written. */
export class NameTable {
  readonly #seed: number;
  /** All names, back to back. */
  #view = new DataView(new ArrayBuffer(16 * 1024));
  /** End of each name; it begins where the one before ends. */
  readonly #ends = [0];
  readonly #texts = [''];
  readonly #numbers = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  get count(): number {
    return this.#texts.length - 1;
  }

  /** Bytes of all names together. */
  get byteLength(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** The bytes of the names; another view after a name was added. */
  get view(): DataView {
    return this.#view;
  }

  startOf(name: number): number {
    return this.#ends[name - 1] ?? 0;
  }

  endOf(name: number): number {
    return this.#ends[name] ?? 0;
  }

  /** A different hash for every name. */
  hashOf(name: number): number {
    return mix(name ^ this.#seed);
  }

  /** The name, one character per byte. */
  latin1Of(name: number): string {
    return this.#texts[name] ?? '';
  }

  /** The number of the name in [start, end); a new one if need be. */
  intern(bytes: Buffer, start: number, end: number): number {
    return this.internLatin1(latin1(bytes, start, end));
  }

  /** The same for a string with one character per byte. */
  internLatin1(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const name = this.count + 1;
    const start = this.byteLength;
    this.#ensure(start + text.length);
    this.#ends.push(writeLatin1(this.#view, start, text));
    this.#texts.push(text);
    this.#numbers.set(text, name);
    return name;
  }

  /** Forgets all names but the first `count`. */
  rewind(count: number): void {
    for (const text of this.#texts.splice(count + 1)) this.#numbers.delete(text);
    this.#ends.length = count + 1;
  }

  #ensure(byteLength: number): void {
    if (byteLength + PADDING <= this.#view.byteLength) return;
    const bytes = new Uint8Array(Math.max(byteLength + PADDING, this.#view.byteLength * 2));
    bytes.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(bytes.buffer);
  }
}
