import { equalRange, latin1 } from './bytes.ts';

const FIELDS = 5;
/** Beyond this many labels, names are compared as strings in a set. */
const MAX_COMPARED = 24;

/** Where the labels of a line are: no strings, and one object for all lines. */
export class LabelSpans {
  count = 0;
  #fields = new Int32Array(16 * FIELDS);

  clear(): void {
    this.count = 0;
  }

  /** Positions are those between the quotes, if there are any. */
  add(nameStart: number, nameEnd: number, isQuoted: boolean, valueStart: number, valueEnd: number): void {
    const at = this.count * FIELDS;
    if (at === this.#fields.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.#fields);
      this.#fields = grown;
    }
    this.#fields[at] = nameStart;
    this.#fields[at + 1] = nameEnd;
    this.#fields[at + 2] = isQuoted ? 1 : 0;
    this.#fields[at + 3] = valueStart;
    this.#fields[at + 4] = valueEnd;
    this.count++;
  }

  nameStart(label: number): number {
    return this.#fields[label * FIELDS] ?? 0;
  }

  nameEnd(label: number): number {
    return this.#fields[label * FIELDS + 1] ?? 0;
  }

  isQuoted(label: number): boolean {
    return this.#fields[label * FIELDS + 2] === 1;
  }

  valueStart(label: number): number {
    return this.#fields[label * FIELDS + 3] ?? 0;
  }

  valueEnd(label: number): number {
    return this.#fields[label * FIELDS + 4] ?? 0;
  }

  /** Does a name come twice, as it is spelled? */
  hasTwins(bytes: Buffer, view: DataView): boolean {
    if (this.count > MAX_COMPARED) {
      const names = new Set<string>();
      for (let label = 0; label < this.count; label++) {
        names.add(latin1(bytes, this.nameStart(label), this.nameEnd(label)));
      }
      return names.size < this.count;
    }
    for (let label = 1; label < this.count; label++) {
      const start = this.nameStart(label);
      const end = this.nameEnd(label);
      for (let other = 0; other < label; other++) {
        const otherStart = this.nameStart(other);
        if (this.nameEnd(other) - otherStart !== end - start) continue;
        if (equalRange(view, otherStart, view, start, end)) return true;
      }
    }
    return false;
  }
}
