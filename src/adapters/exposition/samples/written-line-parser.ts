import type { Syntax } from '../../../domain/exposition/format.ts';
import type { LineEngine } from '../engine/line-engine.ts';
import { parsedSample, type ParsedSample } from '../lines/parsed-sample.ts';
import { SampleParser } from '../lines/sample-parser.ts';

/** Parses lines of the arena, with one parser for as long as the engine's memory stays where it is. */
export class WrittenLineParser {
  readonly #engine: LineEngine;
  readonly #syntax: Syntax;
  #bytes: Uint8Array | undefined;
  #parser: SampleParser | undefined;

  constructor(engine: LineEngine, syntax: Syntax) {
    this.#engine = engine;
    this.#syntax = syntax;
  }

  /** The line that begins at `start`. The next call fills the same parser. */
  parse(start: number): SampleParser {
    const { bytes, view } = this.#engine;
    if (this.#parser === undefined || bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#parser = new SampleParser(bytes, view, this.#syntax, true);
    }
    this.#parser.parse(start);
    return this.#parser;
  }

  sample(start: number): ParsedSample {
    return parsedSample(this.parse(start), this.#engine.bytes);
  }
}
