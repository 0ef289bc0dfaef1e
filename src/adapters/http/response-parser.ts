import type { Failure } from '../../domain/fetching/failure.ts';
import {
  brokenResponse,
  checkTrailer,
  areChunkExtensions,
  parseHead,
  STATUS_LINE_START,
  type ResponseHead,
} from './response-head.ts';

/** Receives the parts of a response from the parser. A failure that it returns stops the parser. */
export interface ResponseReceiver {
  /** The head of the final response; interim ones (1xx) are skipped. */
  head(head: ResponseHead): Failure | undefined;
  /** The next bytes of the body, in order, without their framing: a view that is valid during the call only. */
  data(bytes: Buffer): Failure | undefined;
}

type State =
  | 'head'
  | 'length'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-size-lf'
  | 'chunk-extension'
  | 'chunk-data'
  | 'chunk-data-cr'
  | 'chunk-data-lf'
  | 'trailer'
  | 'done';

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;

/** Status lines, fields, chunk extensions and trailers of one exchange, interim responses included. */
const MAX_OVERHEAD_BYTES = 64 * 1024;
const MAX_CHUNK_SIZE_DIGITS = 16;

/**
 * Reads one HTTP/1.x response, in pieces of any size, as strictly as llhttp does (RFC 9112): line ends are CRLF, no folded
 * lines, one Content-Length, chunk sizes in plain hex, nothing after the end. It keeps no more than a line of it.
 */
export class ResponseParser {
  readonly #receiver: ResponseReceiver;
  #state: State = 'head';
  #hasBegun = false;
  #keepsAlive = false;
  /** The part of a line that has arrived, as Latin-1 text. */
  #partialLine = '';
  #headLines: string[] = [];
  #overheadBytes = 0;
  /** Bytes to come: of the body in 'length', of the chunk in the chunk states. */
  #remaining = 0;
  #chunkSizeDigits = 0;

  constructor(receiver: ResponseReceiver) {
    this.#receiver = receiver;
  }

  /** A byte has arrived. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get isComplete(): boolean {
    return this.#state === 'done';
  }

  /** The head is complete. */
  get isInBody(): boolean {
    return this.#state !== 'head';
  }

  /** The connection may be used again. False until the response is complete. */
  get keepsAlive(): boolean {
    return this.isComplete && this.#keepsAlive;
  }

  /** Reads the next bytes. Not to be called again after a failure. */
  push(bytes: Buffer): Failure | undefined {
    if (bytes.length > 0) this.#hasBegun = true;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at);
      if (typeof next !== 'number') return next;
      at = next;
    }
    return undefined;
  }

  /** To be called when the other side has closed the connection in good order. True: that was the end of a body without length. */
  endOfConnection(): boolean {
    if (this.#state !== 'until-close') return false;
    this.#state = 'done';
    return true;
  }

  /** Reads the bytes that belong to the present state; returns the offset of the rest. */
  #step(bytes: Buffer, at: number): number | Failure {
    switch (this.#state) {
      case 'head':
        return this.#line(bytes, at, (line) => this.#headLine(line));
      case 'length':
        return this.#data(bytes, at, 'done');
      case 'until-close':
        return this.#receiver.data(bytes.subarray(at)) ?? bytes.length;
      case 'chunk-size':
        return this.#chunkSize(bytes, at);
      case 'chunk-size-lf':
        return this.#expect(LF, bytes, at, this.#remaining === 0 ? 'trailer' : 'chunk-data');
      case 'chunk-extension':
        return this.#line(bytes, at, (line) => this.#chunkExtension(line));
      case 'chunk-data':
        return this.#data(bytes, at, 'chunk-data-cr');
      case 'chunk-data-cr':
        return this.#expect(CR, bytes, at, 'chunk-data-lf');
      case 'chunk-data-lf':
        return this.#expect(LF, bytes, at, 'chunk-size');
      case 'trailer':
        return this.#line(bytes, at, (line) => this.#trailerLine(line));
      case 'done':
        return brokenResponse('more bytes than its framing announced');
    }
  }

  #line(bytes: Buffer, at: number, read: (line: string) => Failure | undefined): number | Failure {
    const lineFeed = bytes.indexOf(LF, at);
    const end = lineFeed === -1 ? bytes.length : lineFeed;
    this.#overheadBytes += end - at + 1;
    if (this.#overheadBytes > MAX_OVERHEAD_BYTES) return brokenResponse('head over 64 KiB');
    this.#partialLine += bytes.toString('latin1', at, end);
    const foreign = this.#checkStart();
    if (foreign !== undefined || lineFeed === -1) return foreign ?? end;
    const line = this.#partialLine;
    this.#partialLine = '';
    if (!line.endsWith('\r')) return brokenResponse('line ends in LF without CR');
    return read(line.slice(0, -1)) ?? end + 1;
  }

  /** Another protocol (a TLS alert, an SSH banner) is recognized by its first bytes: it may never send a line end. */
  #checkStart(): Failure | undefined {
    if (this.#state !== 'head' || this.#headLines.length > 0) return undefined;
    const start = this.#partialLine.slice(0, STATUS_LINE_START.length);
    return STATUS_LINE_START.startsWith(start) ? undefined : brokenResponse('not HTTP/1');
  }

  #headLine(line: string): Failure | undefined {
    if (line !== '') {
      this.#headLines.push(line);
      return undefined;
    }
    const head = parseHead(this.#headLines);
    this.#headLines = [];
    if ('reason' in head) return head;
    if (head.status === 101) return brokenResponse('it switches protocols');
    if (head.status < 200)
      return head.keepsAlive ? undefined : brokenResponse('it closes after an interim response');
    this.#keepsAlive = head.keepsAlive && head.framing.kind !== 'until-close';
    this.#state = this.#stateAfter(head);
    return this.#receiver.head(head);
  }

  #stateAfter({ framing }: ResponseHead): State {
    if (framing.kind === 'chunked') return 'chunk-size';
    if (framing.kind === 'until-close') return 'until-close';
    this.#remaining = framing.byteLength;
    return framing.byteLength === 0 ? 'done' : 'length';
  }

  #data(bytes: Buffer, at: number, next: State): number | Failure {
    const end = Math.min(bytes.length, at + this.#remaining);
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#state = next;
    return this.#receiver.data(bytes.subarray(at, end)) ?? end;
  }

  #chunkSize(bytes: Buffer, at: number): number | Failure {
    for (let i = at; i < bytes.length; i++) {
      const code = bytes[i] ?? 0;
      const digit = hexDigit(code);
      if (digit < 0) return this.#chunkSizeEnd(code) ?? i + 1;
      if (++this.#chunkSizeDigits > MAX_CHUNK_SIZE_DIGITS) return brokenResponse('bad chunk size');
      this.#remaining = this.#remaining * 16 + digit;
    }
    return bytes.length;
  }

  #chunkSizeEnd(code: number): Failure | undefined {
    const isEnd = code === CR || code === SEMICOLON;
    if (!isEnd || this.#chunkSizeDigits === 0 || this.#remaining > Number.MAX_SAFE_INTEGER) {
      return brokenResponse('bad chunk size');
    }
    this.#chunkSizeDigits = 0;
    this.#state = code === CR ? 'chunk-size-lf' : 'chunk-extension';
    return undefined;
  }

  #chunkExtension(text: string): Failure | undefined {
    if (!areChunkExtensions(text)) return brokenResponse('bad chunk extension');
    this.#state = this.#remaining === 0 ? 'trailer' : 'chunk-data';
    return undefined;
  }

  #trailerLine(line: string): Failure | undefined {
    if (line !== '') return checkTrailer(line);
    this.#state = 'done';
    return undefined;
  }

  #expect(code: number, bytes: Buffer, at: number, next: State): number | Failure {
    if (bytes[at] !== code) return brokenResponse('chunk without its line end');
    this.#state = next;
    return at + 1;
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
