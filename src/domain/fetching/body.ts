import type { FailureReason } from './failure.ts';

/** The bytes that a target returned. Each holder releases it once. */
export interface Body {
  readonly byteLength: number;
  /** The bytes, valid until the next call into their owner: don't keep the view. */
  bytes(): Uint8Array;
  /** Adds a holder. */
  retain(): void;
  /** Removes a holder. After the last one, the bytes are freed. */
  release(): void;
}

/** Makes a body of bytes (or of text) that needs no release: for a fetcher that holds the whole answer in memory anyway. */
export function bodyOf(content: Uint8Array | string): Body {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    byteLength: bytes.byteLength,
    bytes: () => bytes,
    retain: () => undefined,
    release: () => undefined,
  };
}

/** A fetcher writes a body into a sink, chunk by chunk. */
export interface BodySink {
  /** Announces the expected size (a hint, so that memory is allocated once). Refuses like `write`. */
  expect(byteLength: number): BodyRefusal | undefined;
  /** Appends a copy of the chunk. A refusal is final: the fetcher stops and reports it. */
  write(chunk: Uint8Array): BodyRefusal | undefined;
  /** Ends the body and hands it over; the sink is done. */
  end(): Body;
  /** Frees the memory; the sink is done. */
  discard(): void;
}

/** The limit that a body exceeded: the endpoint's own, or that of all bodies together. */
export type BodyRefusal = Extract<FailureReason, 'too_large' | 'over_budget'>;

/** Owns the memory that bodies live in. */
export interface BodyStore {
  /** Opens a sink for at most `maxBytes` bytes. */
  open(maxBytes: number): BodySink;
}
