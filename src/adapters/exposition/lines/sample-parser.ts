import { isUtf8 } from 'node:buffer';
import { unescapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { Syntax } from '../../../domain/exposition/format.ts';
import {
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  COLON,
  COMMA,
  EQUALS,
  HASH,
  isNameByte,
  LINE_FEED,
  latin1,
  QUOTE,
  SPACE,
  TAB,
} from './bytes.ts';
import { LabelSpans } from './label-spans.ts';
import { MalformedBodyError } from './malformed-body-error.ts';
import { digitsEnd, floatEnd } from './number-scan.ts';

const LETTER_N = 0x6e;
const MAX_TIMESTAMP = '9223372036854775807';

/**
 * Takes apart any sample line that Prometheus' parser of that syntax accepts, and refuses any other. The bytes end in a
 * line feed. Fills its fields anew with each line; positions are 0 for what the line doesn't have.
 */
export class SampleParser {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #isText: boolean;
  /** Is everything UTF-8, so that values need not be checked one by one? */
  readonly #isKnownUtf8: boolean;
  #at = 0;

  nameStart = 0;
  nameEnd = 0;
  isNameQuoted = false;
  readonly labels = new LabelSpans();
  valueStart = 0;
  valueEnd = 0;
  timestampStart = 0;
  timestampEnd = 0;
  /** Where the space before the hash is. */
  exemplarStart = 0;
  readonly exemplarLabels = new LabelSpans();
  exemplarValueStart = 0;
  exemplarValueEnd = 0;
  exemplarTimestampStart = 0;
  exemplarTimestampEnd = 0;
  /** Where the next line begins. */
  end = 0;
  /** Are names without quotes, and escapes, as every reader takes them? */
  isCanonical = true;

  constructor(bytes: Buffer, view: DataView, syntax: Syntax, isKnownUtf8 = false) {
    this.#bytes = bytes;
    this.#view = view;
    this.#isText = syntax === 'text';
    this.#isKnownUtf8 = isKnownUtf8;
  }

  parse(start: number): void {
    this.#clear(start);
    this.#skipBlanks();
    this.nameStart = this.#at;
    this.#skipName(true);
    this.nameEnd = this.#at;
    if (this.nameEnd > this.nameStart) this.#skipBlanks();
    if (this.#peek() === BRACE_OPEN) this.#parseLabels(this.labels, this.nameEnd === this.nameStart);
    if (this.nameEnd === this.nameStart) this.#fail('expected a metric name');
    this.#checkLabelNames();
    this.#number('value');
    this.valueStart = this.#numberStart;
    this.valueEnd = this.#at;
    if (this.#isText) this.#milliseconds();
    else this.#secondsAndExemplar();
    this.#skipBlanks();
    if (this.#peek() !== LINE_FEED) this.#fail('unexpected text after the sample');
    this.end = this.#at + 1;
  }

  /** The metric's name without quotes and escapes, one character per byte. */
  name(): string {
    return this.#name(this.nameStart, this.nameEnd, this.isNameQuoted);
  }

  /** As name(), of a label. */
  labelName(labels: LabelSpans, label: number): string {
    return this.#name(labels.nameStart(label), labels.nameEnd(label), labels.isQuoted(label));
  }

  #name(start: number, end: number, isQuoted: boolean): string {
    const text = latin1(this.#bytes, start, end);
    return isQuoted ? unescapedLabelValue(text) : text;
  }

  #clear(start: number): void {
    this.#at = start;
    this.isNameQuoted = false;
    this.labels.clear();
    this.exemplarLabels.clear();
    this.timestampStart = 0;
    this.timestampEnd = 0;
    this.exemplarStart = 0;
    this.exemplarTimestampStart = 0;
    this.exemplarTimestampEnd = 0;
    this.isCanonical = true;
  }

  #parseLabels(labels: LabelSpans, takesName: boolean): void {
    let canBeName = takesName;
    this.#at++;
    for (;;) {
      this.#skipBlanks();
      if (this.#take(BRACE_CLOSE)) return;
      const isQuoted = this.#peek() === QUOTE;
      const nameStart = isQuoted ? this.#at + 1 : this.#at;
      if (isQuoted) this.#skipQuotedName();
      else this.#skipName(false);
      const nameEnd = isQuoted ? this.#at - 1 : this.#at;
      if (nameEnd === nameStart) this.#fail('expected a label name');
      this.#skipBlanks();
      if (isQuoted && (this.#peek() === COMMA || this.#peek() === BRACE_CLOSE)) {
        if (!canBeName) this.#fail('metric name in the labels');
        canBeName = false;
        this.nameStart = nameStart;
        this.nameEnd = nameEnd;
        this.isNameQuoted = true;
        this.#take(COMMA);
        continue;
      }
      if (!this.#take(EQUALS)) this.#fail('expected = after a label name');
      this.#skipBlanks();
      const valueStart = this.#at + 1;
      this.#skipValue(labels === this.labels);
      labels.add(nameStart, nameEnd, isQuoted, valueStart, this.#at - 1);
      this.#skipBlanks();
      if (!this.#take(COMMA) && !this.#isText && this.#peek() !== BRACE_CLOSE) {
        this.#fail('expected a comma or a brace after a label');
      }
    }
  }

  #checkLabelNames(): void {
    const { labels } = this;
    if (this.isCanonical) {
      if (labels.hasTwins(this.#bytes, this.#view)) this.#fail('duplicate label name');
      for (let label = 0; label < labels.count; label++) {
        const isLong = labels.nameEnd(label) - labels.nameStart(label) === '__name__'.length;
        if (isLong && this.labelName(labels, label) === '__name__') this.#fail('label __name__');
      }
      return;
    }
    const names = Array.from({ length: labels.count }, (_, label) => this.labelName(labels, label));
    if (names.includes('__name__')) this.#fail('label __name__');
    if (new Set(names).size < names.length) this.#fail('duplicate label name');
  }

  /** Prometheus takes NUL in the values of a sample, and not in those of its exemplar. */
  #skipValue(takesNul: boolean): void {
    const start = this.#at;
    if (this.#peek() !== QUOTE) this.#fail('expected a quoted label value');
    this.#skipQuoted(this.#isText, takesNul);
    if (!this.#isKnownUtf8 && !isUtf8(this.#bytes.subarray(start, this.#at))) {
      this.#fail('label value is not UTF-8', start);
    }
  }

  #skipQuotedName(): void {
    const start = this.#at;
    this.isCanonical = false;
    this.#skipQuoted(true, false);
    if (this.#at - start === 2) this.#fail('empty name', start);
    if (!isUtf8(this.#bytes.subarray(start, this.#at))) this.#fail('name is not UTF-8', start);
  }

  /** Skips quotes and what stands between. A backslash takes the next byte with it, whatever it is but a line feed. */
  #skipQuoted(takesLineFeed: boolean, takesNul: boolean): void {
    const start = this.#at;
    this.#at++;
    for (;;) {
      let byte = this.#peek();
      if (byte === QUOTE) {
        this.#at++;
        return;
      }
      if (byte === BACKSLASH) {
        do byte = this.#bytes[++this.#at] ?? LINE_FEED;
        while (byte === 0 && takesNul);
        if (byte === LINE_FEED) this.#fail('line feed after a backslash');
        const isEscape = byte === QUOTE || byte === BACKSLASH || byte === LETTER_N;
        this.isCanonical &&= isEscape && this.#bytes[this.#at - 1] === BACKSLASH;
      } else if (byte === LINE_FEED) {
        if (!takesLineFeed) this.#fail('quote without an end', start);
        this.isCanonical = false;
      }
      if (byte === 0 && !takesNul) this.#fail('NUL in a name or an exemplar');
      this.#at++;
      if (this.#at >= this.#bytes.length) this.#fail('quote without an end', start);
    }
  }

  #skipName(takesColon: boolean): void {
    let byte = this.#peek();
    if (byte >= 0x30 && byte <= 0x39) return;
    while (isNameByte(byte) || (takesColon && byte === COLON)) byte = this.#bytes[++this.#at] ?? 0;
  }

  #numberStart = 0;

  #number(what: string): void {
    if (this.#isText) this.#skipBlanks();
    else if (!this.#take(SPACE)) this.#fail(`expected a space before the ${what}`);
    const start = this.#at;
    const end = floatEnd(this.#bytes, start);
    const next = this.#bytes[end] ?? 0;
    const isWhole = next === SPACE || next === LINE_FEED || (this.#isText && next === TAB);
    if (end < 0 || !isWhole) this.#fail(`expected a number as ${what}`);
    this.#numberStart = start;
    this.#at = end;
  }

  #milliseconds(): void {
    this.#skipBlanks();
    if (this.#peek() === LINE_FEED) return;
    const start = this.#at;
    const end = digitsEnd(this.#bytes, start);
    if (end === start) this.#fail('expected milliseconds as timestamp');
    if (end - start >= MAX_TIMESTAMP.length) {
      const digits = latin1(this.#bytes, start, end).replace(/^0+/, '').padStart(MAX_TIMESTAMP.length, '0');
      if (digits.length > MAX_TIMESTAMP.length || digits > MAX_TIMESTAMP) {
        this.#fail('expected milliseconds as timestamp');
      }
    }
    this.timestampStart = start;
    this.timestampEnd = end;
    this.#at = end;
  }

  #secondsAndExemplar(): void {
    if (this.#seconds()) {
      this.timestampStart = this.#numberStart;
      this.timestampEnd = this.#at;
    }
    if (this.#peek() === LINE_FEED) return;
    const opening = latin1(this.#bytes, this.#at, Math.min(this.#at + 4, this.#bytes.length));
    if (opening !== ' # {') this.#fail('expected a timestamp or an exemplar');
    this.exemplarStart = this.#at;
    this.#at += 3;
    this.#parseLabels(this.exemplarLabels, false);
    // A comma at the end is taken, but not by every reader.
    if (this.#bytes[this.#at - 2] === COMMA) this.isCanonical = false;
    this.#number('exemplar value');
    this.exemplarValueStart = this.#numberStart;
    this.exemplarValueEnd = this.#at;
    if (this.#seconds()) {
      this.exemplarTimestampStart = this.#numberStart;
      this.exemplarTimestampEnd = this.#at;
    }
  }

  #seconds(): boolean {
    if (this.#peek() === LINE_FEED || this.#bytes[this.#at + 1] === HASH) return false;
    this.#number('timestamp');
    // Of what a number may be, only Inf and NaN have an n.
    for (let i = this.#numberStart; i < this.#at; i++) {
      if (((this.#bytes[i] ?? 0) | 0x20) === LETTER_N)
        this.#fail('expected seconds as timestamp', this.#numberStart);
    }
    return true;
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
