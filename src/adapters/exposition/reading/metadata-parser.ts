import { isUtf8 } from 'node:buffer';
import { unescapedHelp, unescapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { Syntax } from '../../../domain/exposition/format.ts';
import { SYNTAX_RULES, type SyntaxRules } from '../../../domain/exposition/syntax-rules.ts';
import { parseMetricType } from '../../../domain/exposition/type-word.ts';
import { latin1, LINE_FEED } from '../engine/bytes.ts';
import type { MetadataCache, MetadataLine } from '../samples/metadata-cache.ts';
import { MalformedBodyError } from './malformed-body-error.ts';

const FREE_PREFIX = /^[ \t]*#[ \t]+(HELP|TYPE)[ \t]+/;
const STRICT_PREFIX = /^# (HELP|TYPE|UNIT) /;
const CLASSIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;

/** Reads HELP, TYPE, UNIT, `# EOF` and comments as Prometheus' parser of that syntax does. Names have one character per byte. */
export class MetadataParser {
  readonly #bytes: Buffer;
  readonly #syntax: Syntax;
  readonly #rules: SyntaxRules;
  readonly #known: MetadataCache;
  #start = 0;
  /** Where the line behind the last one begins. */
  end = 0;
  /** Its number among the known lines. */
  number: number | undefined;

  constructor(bytes: Buffer, syntax: Syntax, known: MetadataCache) {
    this.#bytes = bytes;
    this.#syntax = syntax;
    this.#rules = SYNTAX_RULES[syntax];
    this.#known = known;
  }

  /** Reads the line that begins at `start`; the hash may have blanks before it in text. */
  parse(start: number): MetadataLine {
    const lineEnd = this.#bytes.indexOf(LINE_FEED, start);
    this.#start = start;
    this.end = lineEnd + 1;
    const line = latin1(this.#bytes, start, lineEnd);
    this.number = this.#known.numberOf(line, this.#syntax);
    if (this.number !== undefined) return this.#known.line(this.number);
    const read = this.#read(line);
    this.number = this.#known.add(line, this.#syntax, read);
    return read;
  }

  #read(line: string): MetadataLine {
    const start = this.#start;
    if (line === this.#rules.endMark) return { kind: 'eof' };
    const match = (this.#rules.isFreeForm ? FREE_PREFIX : STRICT_PREFIX).exec(line);
    if (match === null) {
      if (!this.#rules.isFreeForm) return fail('not a HELP, TYPE or UNIT line', start);
      if (line.includes('\r')) return fail('carriage return', start);
      return { kind: 'comment' };
    }
    const [prefix, keyword] = match;
    const named = nameAt(line, prefix.length);
    if (named === undefined) return fail('expected a metric name', start);
    // Only a quoted name may have one.
    if (line.includes('\r', named.end)) return fail('carriage return', start);
    const { name } = named;
    const text = this.#text(line.slice(named.end));
    if (keyword === 'TYPE') {
      const type = parseMetricType(text, this.#syntax);
      return type === undefined ? fail('unknown type', start) : { kind: 'type', name, type };
    }
    if (keyword === 'UNIT') {
      const isSuffix = text === '' || name.endsWith(`_${text}`);
      return isSuffix ? { kind: 'unit', name, unit: text } : fail('unit is not a suffix of the name', start);
    }
    const help = Buffer.from(text, 'latin1');
    if (!isUtf8(help)) return fail('help is not UTF-8', start);
    return { kind: 'help', name, help: unescapedHelp(help.toString(), this.#syntax) };
  }

  /** Text takes any character (or none) between name and text; OpenMetrics wants one space. */
  #text(behindName: string): string {
    if (this.#rules.isFreeForm) return /[^ \t]/.test(behindName) ? behindName.slice(1) : '';
    return behindName.startsWith(' ')
      ? behindName.slice(1)
      : fail('expected text behind the metric name', this.#start);
  }
}

function nameAt(line: string, start: number): { readonly name: string; readonly end: number } | undefined {
  const classic = CLASSIC_NAME.exec(line.slice(start))?.[0];
  if (classic !== undefined) return { name: classic, end: start + classic.length };
  if (line[start] !== '"') return undefined;
  let end = start + 1;
  while (end < line.length && line[end] !== '"') end += line[end] === '\\' ? 2 : 1;
  const name = unescapedLabelValue(line.slice(start + 1, end));
  const isName =
    end < line.length && name !== '' && !name.includes('\0') && isUtf8(Buffer.from(name, 'latin1'));
  return isName ? { name, end: end + 1 } : undefined;
}

function fail(message: string, offset: number): never {
  throw new MalformedBodyError(message, offset);
}
