import { unescapedHelp, unescapedLabelValue } from '../../../src/domain/exposition/escape.ts';
import type { Syntax } from '../../../src/domain/exposition/format.ts';
import type { MetricType } from '../../../src/domain/exposition/metric-type.ts';
import { parseMetricType } from '../../../src/domain/exposition/type-word.ts';

/** Strings have one character per byte; label values are unescaped. */
export interface ReferenceSample {
  readonly kind: 'sample';
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: string;
  readonly timestamp: string | undefined;
  readonly exemplar: ReferenceExemplar | undefined;
}

export interface ReferenceExemplar {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: string;
  readonly timestamp: string | undefined;
}

export interface ReferenceMetadata {
  readonly kind: 'metadata';
  readonly name: string;
  readonly type?: MetricType;
  readonly help?: string;
  readonly unit?: string;
}

const CLASSIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const CLASSIC_LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED_NAME = /"((?:\\[^\n\0]|[^\\"\0])*)"/y;
const TEXT_VALUE = /"((?:\\\0*[^\n\0]|[^\\"])*)"/y;
const OPENMETRICS_VALUE = /"((?:\\\0*[^\n\0]|[^\\"\n])*)"/y;
const FLOAT = /(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?|nan)(?=[ \t\n]|$)/iy;

/** Reads a body the plain way: regular expressions on one string. Throws for what Prometheus refuses. */
export class ReferenceParser {
  readonly #text: string;
  readonly #isText: boolean;
  #at = 0;

  constructor(body: Uint8Array, syntax: Syntax) {
    const text = Buffer.from(body).toString('latin1');
    this.#isText = syntax === 'text';
    this.#text = this.#isText && !text.endsWith('\n') ? `${text}\n` : text;
  }

  parse(): (ReferenceSample | ReferenceMetadata)[] {
    const entries: (ReferenceSample | ReferenceMetadata)[] = [];
    let isEnded = this.#isText || this.#text === '';
    while (this.#at < this.#text.length) {
      if (!this.#isText && this.#take(/# EOF\n?/y) !== undefined) {
        if (this.#at < this.#text.length) throw new Error('text behind # EOF');
        isEnded = true;
      } else {
        const entry = this.#isText ? this.#textLine() : this.#openMetricsLine();
        if (entry !== undefined) entries.push(entry);
      }
    }
    if (!isEnded) throw new Error('no # EOF');
    return entries;
  }

  #textLine(): ReferenceSample | ReferenceMetadata | undefined {
    this.#take(/[ \t]*/y);
    if (this.#take(/\n/y) !== undefined) return undefined;
    const keyword = this.#take(/#[ \t]+(HELP|TYPE)[ \t]+/y)?.[1];
    if (keyword !== undefined) {
      const name = this.#metadataName();
      const rest = this.#need(/([^\n\r]*)\n/y)[1] ?? '';
      return this.#metadata(keyword, name, /^[ \t]*$/.test(rest) ? '' : rest.slice(1));
    }
    if (this.#take(/#[^\n\r]*\n/y) !== undefined) return undefined;
    return this.#sample();
  }

  #openMetricsLine(): ReferenceSample | ReferenceMetadata {
    const keyword = this.#take(/# (HELP|TYPE|UNIT) /y)?.[1];
    if (keyword === undefined) return this.#sample();
    const name = this.#metadataName();
    return this.#metadata(keyword, name, this.#need(/ ([^\n\r]*)\n/y)[1] ?? '');
  }

  #metadataName(): string {
    return this.#take(CLASSIC_NAME)?.[0] ?? this.#quotedName(/"((?:\\[^\n\0]|[^\\"\n\0])*)"/y);
  }

  #metadata(keyword: string, name: string, text: string): ReferenceMetadata {
    const syntax = this.#isText ? 'text' : 'openmetrics';
    if (keyword === 'HELP') return { kind: 'metadata', name, help: unescapedHelp(utf8(text), syntax) };
    if (keyword === 'UNIT') {
      if (text !== '' && !name.endsWith(`_${text}`)) throw new Error('bad unit');
      return { kind: 'metadata', name, unit: text };
    }
    const type = parseMetricType(text, syntax);
    if (type === undefined) throw new Error('bad type');
    return { kind: 'metadata', name, type };
  }

  #sample(): ReferenceSample {
    let name = this.#take(CLASSIC_NAME)?.[0];
    this.#blanks();
    let labels: (readonly [string, string])[] = [];
    if (this.#take(/\{/y) !== undefined) {
      const block = this.#labels(name === undefined);
      name ??= block.metricName;
      labels = block.labels;
    }
    if (name === undefined) throw new Error('no name');
    const names = labels.map(([label]) => label);
    if (new Set(names).size < names.length || names.includes('__name__')) throw new Error('bad label names');
    const value = this.#number();
    const timestamp = this.#isText ? this.#take(/[ \t]+(\d+)/y)?.[1] : this.#take(/ ([^ \n#][^ \n]*)/y)?.[1];
    if (timestamp !== undefined) checkTimestamp(timestamp, this.#isText);
    const exemplar = this.#isText ? undefined : this.#exemplar();
    this.#blanks();
    this.#need(/\n/y);
    return { kind: 'sample', name, labels, value, timestamp, exemplar };
  }

  #exemplar(): ReferenceExemplar | undefined {
    if (this.#take(/ # \{/y) === undefined) return undefined;
    const from = this.#at;
    const { labels } = this.#labels(false);
    if (this.#text.slice(from, this.#at).includes('\0')) throw new Error('NUL in an exemplar');
    const value = this.#number();
    const timestamp = this.#take(/ ([^ \n]+)/y)?.[1];
    if (timestamp !== undefined) checkTimestamp(timestamp, false);
    return { labels, value, timestamp };
  }

  #labels(takesName: boolean): { labels: (readonly [string, string])[]; metricName: string | undefined } {
    const labels: (readonly [string, string])[] = [];
    let metricName: string | undefined;
    for (;;) {
      this.#blanks();
      if (this.#take(/\}/y) !== undefined) return { labels, metricName };
      const isQuoted = this.#text[this.#at] === '"';
      const name = isQuoted ? this.#quotedName(QUOTED_NAME) : this.#need(CLASSIC_LABEL)[0];
      this.#blanks();
      if (isQuoted && /[,}]/.test(this.#text[this.#at] ?? '')) {
        if (!takesName || metricName !== undefined) throw new Error('two names');
        metricName = name;
        this.#take(/,/y);
        continue;
      }
      this.#need(/=/y);
      this.#blanks();
      const value = this.#need(this.#isText ? TEXT_VALUE : OPENMETRICS_VALUE)[1] ?? '';
      utf8(value);
      labels.push([name, unescapedLabelValue(value)]);
      this.#blanks();
      const hasComma = this.#take(/,/y) !== undefined;
      if (!hasComma && !this.#isText && this.#text[this.#at] !== '}') throw new Error('no comma');
    }
  }

  #quotedName(pattern: RegExp): string {
    const name = unescapedLabelValue(this.#need(pattern)[1] ?? '');
    utf8(name);
    if (name === '') throw new Error('empty name');
    return name;
  }

  #number(): string {
    if (this.#isText) this.#blanks();
    else this.#need(/ /y);
    const number = this.#need(FLOAT)[0];
    if (!/[in]/i.test(number) && !Number.isFinite(Number(number))) throw new Error('out of range');
    return number;
  }

  #blanks(): void {
    if (this.#isText) this.#take(/[ \t]*/y);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #need(pattern: RegExp): RegExpExecArray {
    const match = this.#take(pattern);
    if (match === undefined) throw new Error(`expected ${pattern.source} at ${this.#at}`);
    return match;
  }
}

function checkTimestamp(timestamp: string, isText: boolean): void {
  if (isText && BigInt(timestamp) > 2n ** 63n - 1n) throw new Error('timestamp out of range');
  FLOAT.lastIndex = 0;
  const isWhole = FLOAT.exec(timestamp)?.[0] === timestamp;
  if (!isWhole || !Number.isFinite(Number(timestamp))) throw new Error('bad timestamp');
}

function utf8(bytes: string): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
}
