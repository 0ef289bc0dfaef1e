import type { BodyRefusal, BodySink } from '../../domain/fetching/body.ts';
import { failure, type Failure } from '../../domain/fetching/failure.ts';
import type { FetchOutcome } from '../../domain/fetching/metrics-fetcher.ts';
import { GunzipWriter } from './gunzip-writer.ts';
import { ResponseParser } from './response-parser.ts';
import { brokenResponse, type ResponseHead } from './response-head.ts';

/** The connection was closed before the first byte of an answer. */
export interface Unanswered {
  readonly ok: false;
  readonly reason: 'unanswered';
  readonly detail: string;
}

export interface ResponseOptions {
  /** Holds the body; discarded on every failure but `unanswered`, which leaves it as it was. */
  readonly sink: BodySink;
  readonly maxBodyBytes: number;
  /** Called when a receiver that was full can accept bytes again. */
  readonly onDrain: () => void;
}

/** The response to one request: reads the connection's bytes and settles, once, with the body or with a failure. */
export class HttpResponse {
  readonly #options: ResponseOptions;
  readonly #parser: ResponseParser;
  readonly #settled = Promise.withResolvers<FetchOutcome | Unanswered>();
  #isSettled = false;
  #gunzip: GunzipWriter | undefined;
  #contentType: string | undefined;
  #receivedBytes = 0;
  #allowsReuse = false;

  constructor(options: ResponseOptions) {
    this.#options = options;
    this.#parser = new ResponseParser({
      head: (head) => this.#head(head),
      data: (bytes) => this.#data(bytes),
    });
  }

  /** Rejects only if the sink throws. */
  get outcome(): Promise<FetchOutcome | Unanswered> {
    return this.#settled.promise;
  }

  /** The connection is free for another request. To be read once there is an outcome. */
  get allowsReuse(): boolean {
    return this.#allowsReuse;
  }

  /** Reads bytes of the connection; false: stop reading until `onDrain`. */
  push(bytes: Buffer): boolean {
    if (this.#isSettled) {
      this.#allowsReuse = false;
      return true;
    }
    this.#guarded(() => {
      const problem = this.#parser.push(bytes);
      if (problem !== undefined) this.#fail(problem);
      else if (this.#parser.isComplete) this.#complete();
    });
    return this.#gunzip?.isFull !== true;
  }

  /** To be called when the connection has ended: in good order, or with an error. */
  connectionEnded(error?: Error): void {
    if (this.#isSettled || this.#parser.isComplete) return;
    const why = error === undefined ? 'the target closed the connection' : describe(error);
    if (!this.#parser.hasBegun)
      this.#settle({ ok: false, reason: 'unanswered', detail: `no answer: ${why}` });
    else if (!this.#parser.isInBody) this.#fail(brokenResponse(`ends within its head: ${why}`));
    else if (error === undefined && this.#parser.endOfConnection()) this.#guarded(() => this.#complete());
    else this.#fail(failure('truncated', `the body ends early, after ${this.#receivedBytes} bytes: ${why}`));
  }

  /** To be called when the time is up. */
  abort(isConnected: boolean): void {
    const state = !isConnected
      ? 'no connection'
      : this.#parser.isInBody
        ? `the body was not complete (${this.#receivedBytes} bytes so far)`
        : 'connected, but no answer';
    this.#fail(failure('timeout', `${state} when the time was up`));
  }

  #head(head: ResponseHead): Failure | undefined {
    if (head.status !== 200) return refusedStatus(head);
    this.#contentType = head.contentType;
    switch (head.contentEncoding ?? '') {
      case '':
      case 'identity':
        return head.framing.kind === 'length'
          ? this.#refused(this.#options.sink.expect(head.framing.byteLength))
          : undefined;
      case 'gzip':
      case 'x-gzip':
        this.#gunzip = this.#openGunzip();
        return undefined;
      default:
        // RFC 9110 section 15.5.16 treats an unsupported coding as an unsupported media type, too.
        return failure(
          'unsupported_content_type',
          `Content-Encoding ${head.contentEncoding ?? ''} was not asked for`,
        );
    }
  }

  #data(bytes: Buffer): Failure | undefined {
    this.#receivedBytes += bytes.length;
    if (this.#gunzip === undefined) return this.#refused(this.#options.sink.write(bytes));
    if (this.#receivedBytes > maxGzipBytes(this.#options.maxBodyBytes)) return this.#refused('too_large');
    this.#gunzip.write(bytes);
    return undefined;
  }

  #openGunzip(): GunzipWriter {
    return new GunzipWriter({
      data: (bytes) =>
        this.#guarded(() => {
          const refused = this.#refused(this.#options.sink.write(bytes));
          if (refused !== undefined) this.#fail(refused);
        }),
      end: () => this.#guarded(() => this.#succeed()),
      error: (error) =>
        this.#fail(failure('truncated', `the gzip body is broken or incomplete: ${error.message}`)),
      drain: () => this.#options.onDrain(),
    });
  }

  #complete(): void {
    if (this.#gunzip === undefined) this.#succeed();
    else this.#gunzip.end();
  }

  #succeed(): void {
    if (this.#isSettled) return;
    const body = this.#options.sink.end();
    this.#allowsReuse = this.#parser.keepsAlive;
    this.#settle({ ok: true, body, contentType: this.#contentType, via: 'http' });
  }

  #fail(problem: Failure): void {
    if (this.#isSettled) return;
    this.#guarded(() => {
      this.#options.sink.discard();
      this.#settle(problem);
    });
  }

  #settle(outcome: FetchOutcome | Unanswered): void {
    this.#isSettled = true;
    this.#gunzip?.destroy();
    this.#settled.resolve(outcome);
  }

  /** An exception in a socket's callback would end the process: instead, the outcome rejects with it. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#isSettled = true;
      this.#gunzip?.destroy();
      this.#settled.reject(error);
    }
  }

  #refused(refusal: BodyRefusal | undefined): Failure | undefined {
    if (refusal === undefined) return undefined;
    const detail =
      refusal === 'too_large'
        ? `the body is over the limit of ${this.#options.maxBodyBytes} bytes`
        : 'the bodies of this scrape are over their common limit';
    return failure(refusal, detail);
  }
}

interface ConnectionError extends Error {
  /** The system's or OpenSSL's name of the error. */
  readonly code?: string;
  /** One error for each address of a name, if several were tried. */
  readonly errors?: readonly ConnectionError[];
}

function describe(error: ConnectionError): string {
  const { message, code = '' } = error.errors?.[0] ?? error;
  const text = message.includes(code) ? message : `${message} (${code})`;
  return code === 'ECONNREFUSED'
    ? `${text}: nothing listens there (what is bound to localhost needs exec mode)`
    : text;
}

function refusedStatus({ status, location }: ResponseHead): Failure {
  // 304 (Not Modified) is no redirect.
  if (status >= 300 && status < 400 && status !== 304) {
    const where = location?.replace(/[?#].*$/, '') ?? 'nowhere';
    return failure('redirect', `HTTP status ${status} to ${where}: redirects are not followed`);
  }
  return failure('http_status', `HTTP status ${status}`);
}

/** Deflate never makes data longer than this; more is empty blocks, members or header text without an end. */
function maxGzipBytes(maxBodyBytes: number): number {
  return maxBodyBytes + Math.ceil(maxBodyBytes / 256) + 1024;
}
