import {
  BRACE_CLOSE,
  COMMA,
  EQUALS,
  isNameByte,
  latin1,
  PADDING,
  plainValueEnd,
  QUOTE,
  type PaddedText,
} from './bytes.ts';
import { hashOfText } from './identity-labels.ts';
import { HAS_LE, HAS_QUANTILE } from './sample-log.ts';

/**
 * The label names of a plain line, in its order. The next line most often has the same ones, and then they need not be
 * looked at again: a comparison says that they are well-formed, different, and none of the identity's.
 */
export interface LabelTemplate {
  /** The labels' `name="`, one behind the other. */
  readonly view: DataView;
  /** Where each of them ends. */
  readonly ends: Int32Array;
  /** HAS_LE, HAS_QUANTILE or 0, for each. */
  readonly kinds: Uint8Array;
  readonly nameHashes: Int32Array;
  readonly count: number;
}

/** A template that no line fits. */
export const EMPTY_TEMPLATE: LabelTemplate = {
  view: new DataView(new ArrayBuffer(PADDING)),
  ends: new Int32Array(0),
  kinds: new Uint8Array(0),
  nameHashes: new Int32Array(0),
  count: 0,
};

const MAX_LABELS = 200;

/**
 * Learns the label names of the line whose label block begins at `start`, behind the brace. Undefined where the block is
 * not plain: anything but `name="value"` separated by single commas, a name twice, a reserved name, or very many labels.
 */
export function learnTemplate(
  text: PaddedText,
  start: number,
  reserved: ReadonlySet<string>,
  seed: number,
): LabelTemplate | undefined {
  const names = new Set<string>();
  for (let i = start; ;) {
    let nameEnd = i;
    while (isNameByte(text.bytes[nameEnd] ?? 0)) nameEnd++;
    if (text.bytes[nameEnd] !== EQUALS || text.bytes[nameEnd + 1] !== QUOTE) return undefined;
    const name = latin1(text.bytes, i, nameEnd);
    const isPlain = /^[a-zA-Z_]/.test(name) && name !== '__name__' && !names.has(name) && !reserved.has(name);
    if (!isPlain || names.size === MAX_LABELS) return undefined;
    names.add(name);
    const valueEnd = plainValueEnd(text.view, nameEnd + 2);
    if (valueEnd < 0) return undefined;
    i = valueEnd + 1;
    if (text.bytes[i] !== COMMA || text.bytes[i + 1] === BRACE_CLOSE) return templateOf([...names], seed);
    i++;
  }
}

function templateOf(names: readonly string[], seed: number): LabelTemplate {
  const bytes = Buffer.from(names.map((name) => `${name}="`).join('') + '\0'.repeat(PADDING), 'latin1');
  let end = 0;
  return {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    ends: Int32Array.from(names, (name) => (end += name.length + 2)),
    kinds: Uint8Array.from(names, labelKind),
    nameHashes: Int32Array.from(names, (name) => hashOfText(name, seed)),
    count: names.length,
  };
}

/** Does a label say what a sample is within its histogram or summary? */
export function labelKind(name: string): number {
  if (name === 'le') return HAS_LE;
  return name === 'quantile' ? HAS_QUANTILE : 0;
}
