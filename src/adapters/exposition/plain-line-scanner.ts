import type { InputSyntax } from '../../domain/exposition/format.ts';
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  equalRange,
  hashRange,
  isNameByte,
  LINE_FEED,
  plainValueEnd,
  SPACE,
  type PaddedText,
} from './bytes.ts';
import type { IdentityLabels } from './identity-labels.ts';
import { EMPTY_TEMPLATE, learnTemplate, type LabelTemplate } from './label-template.ts';
import type { MergeContext } from './merge-context.ts';
import { floatEnd } from './number-scan.ts';
import { addBound, clearFacts, type SampleFacts } from './sample-facts.ts';
import { simpleMilliseconds, simpleTimestampEnd } from './timestamp-scan.ts';

const COLON = 0x3a;
const MAX_TEMPLATES = 1024;

/**
 * The quick way through a body: recognises sample lines that are written as nearly every program writes them, by position
 * and without making strings. What it doesn't recognise may still be valid; SampleParser tells.
 *
 * Plain is `name{label="value",label="value"} value timestamp` with single blanks and no escapes; a comma behind the last
 * label is taken (Java's simpleclient writes it), the braces may be missing or empty.
 */
export class PlainLineScanner {
  readonly #text: PaddedText;
  readonly #syntax: InputSyntax;
  readonly #context: MergeContext;
  readonly #identity: IdentityLabels;
  readonly #facts: SampleFacts;
  #name = -1;
  #template = EMPTY_TEMPLATE;

  /** Where the last line's labels begin, behind the brace, and end; both 0 where it has none. */
  labelsStart = 0;
  labelsEnd = 0;
  /** Where the space before its value is. */
  tailStart = 0;
  valueEnd = 0;
  /** Where the next line begins. */
  end = 0;

  constructor(
    text: PaddedText,
    syntax: InputSyntax,
    context: MergeContext,
    identity: IdentityLabels,
    facts: SampleFacts,
  ) {
    this.#text = text;
    this.#syntax = syntax;
    this.#context = context;
    this.#identity = identity;
    this.#facts = facts;
  }

  /** Scans the line that begins at `start` with a character of a name. False where it is not plain. */
  scan(start: number): boolean {
    const { bytes } = this.#text;
    const nameEnd = this.#scanName(start);
    clearFacts(this.#facts, this.#name, this.#identity.hash);
    this.labelsStart = 0;
    this.labelsEnd = 0;
    this.tailStart = nameEnd;
    if (bytes[nameEnd] === BRACE_OPEN) {
      if (bytes[nameEnd + 1] === BRACE_CLOSE) this.tailStart = nameEnd + 2;
      else if (!this.#scanLabels(nameEnd + 1)) return false;
    }
    if (bytes[this.tailStart] !== SPACE) return false;
    const valueEnd = floatEnd(bytes, this.tailStart + 1);
    this.valueEnd = valueEnd;
    if (valueEnd < 0) return false;
    if (bytes[valueEnd] === LINE_FEED) {
      this.end = valueEnd + 1;
      return true;
    }
    return bytes[valueEnd] === SPACE && this.#scanTimestamp(valueEnd + 1);
  }

  #scanName(start: number): number {
    const { bytes, view, length } = this.#text;
    const { names } = this.#context;
    if (this.#name >= 0) {
      const own = names.startOf(this.#name);
      const ownEnd = names.endOf(this.#name);
      const end = start + ownEnd - own;
      if (end < length && equalRange(view, start, names.view, own, ownEnd)) {
        const next = bytes[end] ?? 0;
        if (!isNameByte(next) && next !== COLON) return end;
      }
    }
    let end = start;
    for (let byte = bytes[end] ?? 0; isNameByte(byte) || byte === COLON;) byte = bytes[++end] ?? 0;
    this.#name = names.intern(view, start, end);
    return end;
  }

  #scanLabels(start: number): boolean {
    if (this.#followLabels(start, this.#template)) return true;
    const { templates } = this.#context;
    const known = templates.get(this.#name);
    if (known !== undefined && known !== this.#template && this.#followLabels(start, known)) {
      this.#template = known;
      return true;
    }
    const learnt = learnTemplate(this.#text, start, this.#identity.names, this.#context.seed);
    if (learnt === undefined) return false;
    this.#template = learnt;
    if (templates.size < MAX_TEMPLATES) templates.set(this.#name, learnt);
    return this.#followLabels(start, learnt);
  }

  /** Reads labels that have the template's names, or the first of them. */
  #followLabels(start: number, template: LabelTemplate): boolean {
    const { bytes, view, length } = this.#text;
    const facts = this.#facts;
    const { count, ends, kinds, nameHashes } = template;
    clearFacts(facts, this.#name, this.#identity.hash);
    let hash = facts.labelHash;
    let i = start;
    let nameStart = 0;
    for (let label = 0; label < count; label++) {
      const nameEnd = ends[label] ?? 0;
      const valueStart = i + nameEnd - nameStart;
      if (valueStart >= length || !equalRange(view, i, template.view, nameStart, nameEnd)) return false;
      const valueEnd = plainValueEnd(view, valueStart);
      if (valueEnd < 0) return false;
      if (valueEnd > valueStart) {
        const labelHash = hashRange(view, valueStart, valueEnd, nameHashes[label] ?? 0);
        hash = (hash + labelHash) | 0;
        const kind = kinds[label] ?? 0;
        if (kind !== 0) addBound(facts, kind, labelHash, bytes, valueStart, valueEnd);
      }
      i = valueEnd + 1;
      const isLast = bytes[i] === BRACE_CLOSE || (bytes[i] === COMMA && bytes[i + 1] === BRACE_CLOSE);
      if (isLast) {
        facts.labelHash = hash;
        this.labelsStart = start;
        this.labelsEnd = i;
        this.tailStart = bytes[i] === COMMA ? i + 2 : i + 1;
        return true;
      }
      if (bytes[i] !== COMMA) return false;
      i++;
      nameStart = nameEnd;
    }
    return false;
  }

  #scanTimestamp(start: number): boolean {
    const { bytes } = this.#text;
    const end = simpleTimestampEnd(bytes, start, this.#syntax);
    if (end === start || bytes[end] !== LINE_FEED) return false;
    this.#facts.milliseconds = simpleMilliseconds(bytes, start, end, this.#syntax);
    this.end = end + 1;
    return !Number.isNaN(this.#facts.milliseconds);
  }
}
