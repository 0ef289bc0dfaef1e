import { copyRange, equalRange, hashRange, PADDING, writeLatin1 } from './bytes.ts';

/** Gives every sample name a number, and finds it again by its bytes. Names are kept as they go out. */
export class NamePool {
  readonly #seed: number;
  /** All names, one behind the other. */
  #view = new DataView(new ArrayBuffer(16 * 1024));
  /** Where each name ends; it begins where the one before ends. */
  #ends = new Int32Array(512);
  #hashes = new Int32Array(512);
  /** Numbers, counted from 1; 0 is free. */
  #slots = new Int32Array(1024);
  readonly #texts: (string | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  get count(): number {
    return this.#count;
  }

  /** Of all names together. */
  get byteLength(): number {
    return this.startOf(this.#count);
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

  hashOf(name: number): number {
    return this.#hashes[name] ?? 0;
  }

  /** The name, one character per byte. */
  latin1Of(name: number): string {
    let text = this.#texts[name];
    if (text === undefined) {
      const start = this.startOf(name);
      text = Buffer.from(this.#view.buffer, start, this.endOf(name) - start).toString('latin1');
      this.#texts[name] = text;
      this.#numbers.set(text, name);
    }
    return text;
  }

  /** The number of the name that [start, end) spells. */
  intern(view: DataView, start: number, end: number): number {
    const hash = hashRange(view, start, end, this.#seed);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const name = (this.#slots[slot] ?? 0) - 1;
      if (name < 0) return this.#add(view, start, end, hash);
      if (this.#hashes[name] === hash && this.#isSpelled(name, view, start, end)) return name;
    }
  }

  /** The number of a name given as a string with one character per byte. */
  internLatin1(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const view = new DataView(new ArrayBuffer(text.length + PADDING));
    return this.intern(view, 0, writeLatin1(view, 0, text));
  }

  #isSpelled(name: number, view: DataView, start: number, end: number): boolean {
    const own = this.startOf(name);
    const ownEnd = this.endOf(name);
    return ownEnd - own === end - start && equalRange(view, start, this.#view, own, ownEnd);
  }

  #add(view: DataView, start: number, end: number, hash: number): number {
    const name = this.#count++;
    const own = this.startOf(name);
    this.#ensure(own + end - start);
    this.#ends[name] = copyRange(this.#view, own, view, start, end);
    this.#hashes[name] = hash;
    if (this.#count * 2 <= this.#slots.length) this.#occupy(name);
    else {
      this.#slots = new Int32Array(this.#slots.length * 2);
      for (let other = 0; other < this.#count; other++) this.#occupy(other);
    }
    return name;
  }

  #occupy(name: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.hashOf(name) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = name + 1;
  }

  #ensure(byteLength: number): void {
    if (this.#count > this.#ends.length) {
      const ends = new Int32Array(this.#ends.length * 2);
      const hashes = new Int32Array(this.#ends.length * 2);
      ends.set(this.#ends);
      hashes.set(this.#hashes);
      this.#ends = ends;
      this.#hashes = hashes;
    }
    if (byteLength + PADDING <= this.#view.byteLength) return;
    const bytes = new Uint8Array(Math.max(byteLength + PADDING, this.#view.byteLength * 2));
    bytes.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(bytes.buffer);
  }
}
