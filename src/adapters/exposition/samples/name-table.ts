import { mix } from '../engine/bytes.ts';

/** Sample names by number, from 1 as in the engine, where 0 is no name. Names are kept as they are written. */
export class NameTable {
  readonly #seed: number;
  readonly #texts = [''];
  readonly #numbers = new Map<string, number>();
  #byteLength = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  get count(): number {
    return this.#texts.length - 1;
  }

  /** Bytes of all names together. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** A different hash for every name. */
  hashOf(name: number): number {
    return mix(name ^ this.#seed);
  }

  /** The name, one character per byte. */
  latin1Of(name: number): string {
    return this.#texts[name] ?? '';
  }

  /** The number of the name, which has one character per byte; a new one if need be. */
  internLatin1(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#byteLength += text.length;
    const name = this.#texts.push(text) - 1;
    this.#numbers.set(text, name);
    return name;
  }

  /** Forgets all names but the first `count`. */
  rewind(count: number): void {
    for (const text of this.#texts.splice(count + 1)) {
      this.#numbers.delete(text);
      this.#byteLength -= text.length;
    }
  }
}
