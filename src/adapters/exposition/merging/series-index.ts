/** Finds the first sample with the same hash, in a table with open addressing: its time grows with the number of samples alone. */
export class SeriesIndex {
  /** Sample numbers, counted from 1; 0 is free. */
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;

  /** For at most this many samples. */
  constructor(samples: number) {
    const length = 2 ** Math.ceil(Math.log2(Math.max(1, samples) * 2));
    this.#slots = new Int32Array(length);
    this.#hashes = new Int32Array(length);
  }

  /** Adds a sample. If an earlier one has the same hash, returns that one and adds nothing. */
  add(sample: number, hash: number): number | undefined {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] === hash) return (slots[slot] ?? 0) - 1;
    }
    slots[slot] = sample + 1;
    this.#hashes[slot] = hash;
    return undefined;
  }
}
