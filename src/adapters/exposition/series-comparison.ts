import { unescapedLabelValue } from '../../domain/exposition/escape.ts';
import type { InputSyntax } from '../../domain/exposition/format.ts';
import { millisecondsFromSeconds } from '../../domain/exposition/timestamp.ts';
import { equalRange, seriesEnd } from './bytes.ts';
import type { Chunk, LineArena } from './line-arena.ts';
import { HAS_TIMESTAMP, type SampleLog } from './sample-log.ts';
import { parsedSample } from './parsed-sample.ts';
import { SampleParser } from './sample-parser.ts';

/** Tells from the written lines whether two samples are the same series at the same time. */
export class SeriesComparison {
  readonly #arena: LineArena;
  readonly #log: SampleLog;
  readonly #output: InputSyntax;

  constructor(arena: LineArena, log: SampleLog, output: InputSyntax) {
    this.#arena = arena;
    this.#log = log;
    this.#output = output;
  }

  readonly isSame = (left: number, right: number): boolean => {
    const { lineStarts, timestamps, flags } = this.#log;
    const a = this.#chunkOf(left);
    const b = this.#chunkOf(right);
    const aStart = lineStarts[left] ?? 0;
    const bStart = lineStarts[right] ?? 0;
    const aEnd = seriesEnd(a.bytes, aStart);
    const bEnd = seriesEnd(b.bytes, bStart);
    const isSpelledAlike =
      aEnd - aStart === bEnd - bStart && equalRange(b.view, bStart, a.view, aStart, aEnd);
    const isExact = Math.abs(timestamps[left] ?? 0) < Number.MAX_SAFE_INTEGER;
    if (isSpelledAlike && isExact) {
      return (
        timestamps[left] === timestamps[right] &&
        ((flags[left] ?? 0) & HAS_TIMESTAMP) === ((flags[right] ?? 0) & HAS_TIMESTAMP)
      );
    }
    return this.canonicalText(left) === this.canonicalText(right);
  };

  /** Name, labels in order and timestamp: equal for the same series at the same time. */
  readonly canonicalText = (sample: number): string => {
    const { bytes, view } = this.#chunkOf(sample);
    const parser = new SampleParser(bytes, view, this.#output);
    parser.parse(this.#log.lineStarts[sample] ?? 0);
    const { name, labels, timestamp } = parsedSample(parser, bytes);
    const pairs = labels
      .filter(({ value }) => value !== '')
      .map((label) => [label.name, unescapedLabelValue(label.value)])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
    return JSON.stringify([name, pairs, timestamp === undefined ? null : this.#milliseconds(timestamp)]);
  };

  #milliseconds(timestamp: string): string {
    return this.#output === 'text' ? timestamp.replace(/^0+(?=.)/, '') : millisecondsFromSeconds(timestamp);
  }

  #chunkOf(sample: number): Chunk {
    const chunk = this.#arena.chunks[this.#log.runChunks[this.#log.runOf(sample)] ?? 0];
    if (chunk === undefined) throw new RangeError(`no line for sample ${sample}`);
    return chunk;
  }
}
