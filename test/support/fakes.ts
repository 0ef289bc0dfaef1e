import type { Body } from '../../src/domain/fetching/body.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { LogFields, Logger } from '../../src/domain/logger.ts';
import type {
  FetchedBody,
  FetchOutcome,
  FetchRequest,
  MetricsFetcher,
} from '../../src/domain/fetching/metrics-fetcher.ts';
import { aTarget, METRICS } from './targets.ts';

export const realClock: Clock = { nowMs: () => performance.now(), epochMs: () => Date.now() };

/** A body that counts its holders; releasing it once too often throws. */
export class CountedBody implements Body {
  readonly #bytes: Uint8Array;
  holders = 1;

  constructor(text = '') {
    this.#bytes = new TextEncoder().encode(text);
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  bytes(): Uint8Array {
    if (this.holders === 0) throw new Error('read after the last release');
    return this.#bytes;
  }

  retain(): void {
    this.holders++;
  }

  release(): void {
    if (--this.holders < 0) throw new Error('released once too often');
  }
}

export function fetched(text = 'up 1\n'): FetchedBody & { body: CountedBody } {
  return { ok: true, body: new CountedBody(text), contentType: 'text/plain; version=0.0.4', via: 'http' };
}

export function aRequest(facts: Partial<FetchRequest> = {}): FetchRequest {
  return {
    target: aTarget(),
    endpoint: METRICS,
    timeoutMs: 1000,
    maxBodyBytes: 1024,
    isDaemonReachable: true,
    ...facts,
  };
}

/** A fetcher whose answers the test gives; it heeds no signal but shows it. */
export class ManualFetcher implements MetricsFetcher {
  readonly calls: {
    readonly request: FetchRequest;
    readonly signal: AbortSignal;
    answer(outcome: FetchOutcome): void;
    reject(error: Error): void;
  }[] = [];

  fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> {
    return new Promise((answer, reject) => this.calls.push({ request, signal, answer, reject }));
  }
}

/** A fetcher made of one function. */
export function fetcherOf(fetch: MetricsFetcher['fetch']): MetricsFetcher {
  return { fetch };
}

/** Resolves with the signal's abort, as a fetcher that heeds it does. */
export function untilAborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    else signal.addEventListener('abort', () => resolve(value), { once: true });
  });
}

export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export class RecordingLogger implements Logger {
  readonly lines: LoggedLine[] = [];
  readonly debug = (message: string, fields?: LogFields): void => this.#add('debug', message, fields);
  readonly info = (message: string, fields?: LogFields): void => this.#add('info', message, fields);
  readonly warn = (message: string, fields?: LogFields): void => this.#add('warn', message, fields);
  readonly error = (message: string, fields?: LogFields): void => this.#add('error', message, fields);

  #add(level: string, message: string, fields: LogFields | undefined): void {
    this.lines.push({ level, message, fields });
  }
}

export const NEVER = new AbortController().signal;

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
