import type { Syntax } from '../../../domain/exposition/format.ts';
import type { MetricType } from '../../../domain/exposition/metric-type.ts';

/** A line that begins with a hash. */
export type MetadataLine =
  | { readonly kind: 'comment' }
  | { readonly kind: 'eof' }
  | { readonly kind: 'type'; readonly name: string; readonly type: MetricType }
  | { readonly kind: 'help'; readonly name: string; readonly help: string }
  | { readonly kind: 'unit'; readonly name: string; readonly unit: string };

const MAX_LINES = 8192;
const MAX_LINE_BYTES = 512;

/** Metadata lines that were read before, by number (from 1, as in the engine): targets and scrapes have the same ones again and again. */
export class MetadataCache {
  readonly #numbers: Readonly<Record<Syntax, Map<string, number>>> = {
    text: new Map(),
    openmetrics: new Map(),
  };
  #lines: MetadataLine[] = [];
  #generation = 0;

  /** Changes when all lines have been forgotten, and their numbers mean nothing any more. */
  get generation(): number {
    return this.#generation;
  }

  numberOf(text: string, syntax: Syntax): number | undefined {
    return this.#numbers[syntax].get(text);
  }

  line(number: number): MetadataLine {
    const line = this.#lines[number - 1];
    if (line === undefined) throw new RangeError(`no line of metadata has number ${number}`);
    return line;
  }

  /** Adds a line, unless it is very long, and returns its number. */
  add(text: string, syntax: Syntax, line: MetadataLine): number | undefined {
    if (text.length > MAX_LINE_BYTES) return undefined;
    if (this.#lines.length === MAX_LINES) {
      this.#lines = [];
      for (const numbers of Object.values(this.#numbers)) numbers.clear();
      this.#generation++;
    }
    const number = this.#lines.push(line);
    this.#numbers[syntax].set(text, number);
    return number;
  }
}
