import { isUtf8 } from 'node:buffer';
import { unescapedLabelValue } from '../../domain/exposition/escape.ts';
import type { InputSyntax } from '../../domain/exposition/format.ts';
import {
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  EQUALS,
  HASH,
  isNameByte,
  latin1,
  LINE_FEED,
  QUOTE,
  SPACE,
  TAB,
} from './bytes.ts';
import { MalformedBodyError } from './malformed-body-error.ts';
import { digitsEnd, floatEnd } from './number-scan.ts';

/** A label as it is written: one character per byte. */
export interface ParsedLabel {
  /** Not escaped, not quoted. */
  readonly name: string;
  /** With its escapes, without its quotes. */
  readonly value: string;
}

export interface ParsedExemplar {
  readonly labels: readonly ParsedLabel[];
  readonly value: string;
  readonly timestamp: string | undefined;
}

/** A sample line, taken apart; strings have one character per byte. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: readonly ParsedLabel[];
  readonly value: string;
  /** As its syntax writes it: milliseconds in text, seconds in OpenMetrics. */
  readonly timestamp: string | undefined;
  readonly exemplar: ParsedExemplar | undefined;
  /** Where the next line begins. */
  readonly end: number;
}

const COLON = 0x3a;
const MAX_TIMESTAMP = '9223372036854775807';

/**
 * Takes apart any sample line that Prometheus' parser of that syntax accepts, and refuses any other. Slow and complete:
 * plain lines go a quicker way. The bytes end in a line feed.
 */
export class SampleParser {
  readonly #bytes: Uint8Array;
  readonly #isText: boolean;
  #at = 0;

  constructor(bytes: Uint8Array, syntax: InputSyntax) {
    this.#bytes = bytes;
    this.#isText = syntax === 'text';
  }

  parse(start: number): ParsedSample {
    this.#at = start;
    this.#skipBlanks();
    let name = this.#classicName(true);
    if (name !== undefined) this.#skipBlanks();
    let labels: ParsedLabel[] = [];
    if (this.#peek() === BRACE_OPEN) {
      const block = this.#labels(name === undefined);
      labels = block.labels;
      name ??= block.metricName;
    }
    if (name === undefined) return this.#fail('expected a metric name');
    if (labels.some((label) => label.name === '__name__')) return this.#fail('label __name__');
    if (new Set(labels.map((label) => label.name)).size < labels.length) {
      return this.#fail('duplicate label name');
    }
    const value = this.#number('value');
    const timestamp = this.#isText ? this.#milliseconds() : this.#seconds();
    const exemplar = this.#isText ? undefined : this.#exemplar();
    this.#skipBlanks();
    if (this.#peek() !== LINE_FEED) return this.#fail('unexpected text after the sample');
    return { name, labels, value, timestamp, exemplar, end: this.#at + 1 };
  }

  #labels(takesName: boolean): { readonly labels: ParsedLabel[]; readonly metricName: string | undefined } {
    const labels: ParsedLabel[] = [];
    let metricName: string | undefined;
    this.#at++;
    for (;;) {
      this.#skipBlanks();
      if (this.#take(BRACE_CLOSE)) return { labels, metricName };
      const isQuoted = this.#peek() === QUOTE;
      const name = isQuoted ? this.#quotedName() : this.#classicName(false);
      if (name === undefined) return this.#fail('expected a label name');
      this.#skipBlanks();
      if (isQuoted && (this.#peek() === COMMA || this.#peek() === BRACE_CLOSE)) {
        if (!takesName || metricName !== undefined) return this.#fail('metric name in the labels');
        metricName = name;
        this.#take(COMMA);
        continue;
      }
      if (!this.#take(EQUALS)) return this.#fail('expected = after a label name');
      this.#skipBlanks();
      labels.push({ name, value: this.#labelValue() });
      this.#skipBlanks();
      if (!this.#take(COMMA) && !this.#isText && this.#peek() !== BRACE_CLOSE) {
        return this.#fail('expected a comma or a brace after a label');
      }
    }
  }

  #labelValue(): string {
    const start = this.#at;
    if (this.#peek() !== QUOTE) return this.#fail('expected a quoted label value');
    const value = this.#quoted(this.#isText, true);
    if (!isUtf8(Buffer.from(value, 'latin1'))) return this.#fail('label value is not UTF-8', start);
    return value;
  }

  #quotedName(): string {
    const start = this.#at;
    const name = unescapedLabelValue(this.#quoted(true, false));
    if (name === '') return this.#fail('empty name', start);
    if (!isUtf8(Buffer.from(name, 'latin1'))) return this.#fail('name is not UTF-8', start);
    return name;
  }

  /** What stands between two quotes. A backslash takes the next byte with it, whatever it is but a line feed. */
  #quoted(takesLineFeed: boolean, takesNul: boolean): string {
    const start = ++this.#at;
    for (;;) {
      let byte = this.#peek();
      if (byte === BACKSLASH) {
        do byte = this.#bytes[++this.#at] ?? LINE_FEED;
        while (byte === 0 && takesNul);
        if (byte === LINE_FEED) return this.#fail('line feed after a backslash');
        if (byte === 0) return this.#fail('NUL in a name');
      } else if (byte === QUOTE) {
        this.#at++;
        return latin1(this.#bytes, start, this.#at - 1);
      } else if (byte === LINE_FEED && !takesLineFeed) return this.#fail('quote without an end', start - 1);
      else if (byte === 0 && !takesNul) return this.#fail('NUL in a name');
      this.#at++;
      if (this.#at >= this.#bytes.length) return this.#fail('quote without an end', start - 1);
    }
  }

  #classicName(takesColon: boolean): string | undefined {
    const start = this.#at;
    let byte = this.#peek();
    if (byte >= 0x30 && byte <= 0x39) return undefined;
    while (isNameByte(byte) || (takesColon && byte === COLON)) byte = this.#bytes[++this.#at] ?? 0;
    return this.#at === start ? undefined : latin1(this.#bytes, start, this.#at);
  }

  #number(what: string): string {
    if (this.#isText) this.#skipBlanks();
    else if (!this.#take(SPACE)) return this.#fail(`expected a space before the ${what}`);
    const start = this.#at;
    const end = floatEnd(this.#bytes, start);
    const next = this.#bytes[end] ?? 0;
    const isWhole = next === SPACE || next === LINE_FEED || (this.#isText && next === TAB);
    if (end < 0 || !isWhole) return this.#fail(`expected a number as ${what}`);
    this.#at = end;
    return latin1(this.#bytes, start, end);
  }

  #milliseconds(): string | undefined {
    this.#skipBlanks();
    if (this.#peek() === LINE_FEED) return undefined;
    const start = this.#at;
    this.#at = digitsEnd(this.#bytes, start);
    const digits = latin1(this.#bytes, start, this.#at);
    const significant = digits.replace(/^0+/, '');
    const isInRange =
      significant.length < MAX_TIMESTAMP.length ||
      (significant.length === MAX_TIMESTAMP.length && significant <= MAX_TIMESTAMP);
    if (digits === '' || !isInRange) return this.#fail('expected milliseconds as timestamp', start);
    return digits;
  }

  #seconds(): string | undefined {
    if (this.#peek() === LINE_FEED || this.#bytes[this.#at + 1] === HASH) return undefined;
    const start = this.#at + 1;
    const timestamp = this.#number('timestamp');
    if (/[in]/i.test(timestamp)) return this.#fail('expected seconds as timestamp', start);
    return timestamp;
  }

  #exemplar(): ParsedExemplar | undefined {
    if (this.#peek() === LINE_FEED) return undefined;
    const opening = latin1(this.#bytes, this.#at, Math.min(this.#at + 4, this.#bytes.length));
    if (opening !== ' # {') return this.#fail('expected a timestamp or an exemplar');
    this.#at += 3;
    const { labels } = this.#labels(false);
    const value = this.#number('exemplar value');
    const timestamp = this.#seconds();
    return { labels, value, timestamp };
  }

  #skipBlanks(): void {
    if (!this.#isText) return;
    while (this.#peek() === SPACE || this.#peek() === TAB) this.#at++;
  }

  #peek(): number {
    return this.#bytes[this.#at] ?? 0;
  }

  #take(byte: number): boolean {
    if (this.#peek() !== byte) return false;
    this.#at++;
    return true;
  }

  #fail(message: string, at = this.#at): never {
    throw new MalformedBodyError(message, at);
  }
}
