import type { Syntax } from '../../../domain/exposition/format.ts';
import { BACKSLASH, latin1, type PaddedText } from '../lines/bytes.ts';
import type { IdentityLabels } from '../samples/identity-labels.ts';
import type { LabelSpans } from '../lines/label-spans.ts';
import type { MergeContext } from '../samples/merge-context.ts';
import { addBound, addEmptyBound, clearFacts, labelKind, type SampleFacts } from '../engine/sample-facts.ts';
import { HAS_EXEMPLAR } from '../engine/sample-flags.ts';
import type { SampleParser } from '../lines/sample-parser.ts';
import { simpleMilliseconds, simpleTimestampEnd } from '../lines/timestamp-scan.ts';

/** OpenMetrics 1.0.0, section "Exemplars". */
export const MAX_EXEMPLAR_CHARACTERS = 128;

const UNDERSCORE_TOTAL = '_total';
const UNDERSCORE_BUCKET = '_bucket';

/**
 * Looks at a parsed line whether its pieces can go out as they are, put together with single blanks and commas, and if so
 * marks the facts about it. What can't: quoted names, odd escapes, labels that meet the identity's, unusual timestamps.
 */
export class SpanLine {
  readonly #text: PaddedText;
  readonly #syntax: Syntax;
  readonly #context: MergeContext;
  readonly #identity: IdentityLabels;
  readonly #facts: SampleFacts;

  constructor(
    text: PaddedText,
    syntax: Syntax,
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

  /** True where the line can be written from its pieces; then the facts are those of this line. */
  take(parser: SampleParser): boolean {
    if (!parser.isCanonical) return false;
    const { bytes } = this.#text;
    const { labels } = parser;
    const { names, memory } = this.#context;
    const facts = this.#facts;
    clearFacts(facts, names.intern(bytes, parser.nameStart, parser.nameEnd), this.#identity.hash);
    const shift = memory.engine.place(bytes.subarray(parser.nameStart, parser.valueStart)) - parser.nameStart;
    for (let label = 0; label < labels.count; label++) {
      const nameStart = labels.nameStart(label);
      const nameEnd = labels.nameEnd(label);
      const isLikely = this.#identity.nameLengths.has(nameEnd - nameStart);
      if (isLikely && this.#identity.names.has(latin1(bytes, nameStart, nameEnd))) return false;
      const valueStart = labels.valueStart(label);
      const valueEnd = labels.valueEnd(label);
      const length = nameEnd - nameStart;
      const kind = length === 2 || length === 8 ? labelKind(latin1(bytes, nameStart, nameEnd)) : 0;
      if (valueEnd === valueStart) {
        addEmptyBound(facts, kind);
        continue;
      }
      const hash = memory.engine.hashLabel(
        nameStart + shift,
        nameEnd + shift,
        valueStart + shift,
        valueEnd + shift,
      );
      facts.labelHash = (facts.labelHash + hash) | 0;
      if (kind !== 0) addBound(facts, kind, hash, bytes, valueStart, valueEnd);
    }
    return this.#takeTimestamp(parser);
  }

  /** Has the line's exemplar a place in OpenMetrics? */
  keepsExemplar(parser: SampleParser): boolean {
    const { bytes, view } = this.#text;
    const { nameStart, nameEnd, exemplarLabels } = parser;
    const name = latin1(bytes, Math.max(nameStart, nameEnd - UNDERSCORE_BUCKET.length), nameEnd);
    const hasPlace = name.endsWith(UNDERSCORE_TOTAL) || name.endsWith(UNDERSCORE_BUCKET);
    const keeps =
      hasPlace &&
      !exemplarLabels.hasTwins(bytes, view) &&
      characterCount(exemplarLabels, bytes) <= MAX_EXEMPLAR_CHARACTERS;
    if (keeps) this.#facts.flags |= HAS_EXEMPLAR;
    return keeps;
  }

  #takeTimestamp({ timestampStart, timestampEnd }: SampleParser): boolean {
    if (timestampEnd === 0) return true;
    const { bytes } = this.#text;
    if (simpleTimestampEnd(bytes, timestampStart, this.#syntax) !== timestampEnd) return false;
    const milliseconds = simpleMilliseconds(bytes, timestampStart, timestampEnd, this.#syntax);
    this.#facts.milliseconds = milliseconds;
    return !Number.isNaN(milliseconds);
  }
}

/** Characters in names and unescaped values. */
function characterCount(labels: LabelSpans, bytes: Uint8Array): number {
  let count = 0;
  for (let label = 0; label < labels.count; label++) {
    count += labels.nameEnd(label) - labels.nameStart(label);
    for (let i = labels.valueStart(label); i < labels.valueEnd(label); i++) {
      const byte = bytes[i] ?? 0;
      if (byte === BACKSLASH) i++;
      const isContinuation = (byte & 0xc0) === 0x80;
      if (!isContinuation) count++;
    }
  }
  return count;
}
