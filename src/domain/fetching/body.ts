import type { FailureReason } from './failure.ts';

/** The bytes that a target returned. Whoever holds one releases it once. */
export interface Body {
  readonly byteLength: number;
  /** The bytes, valid until the next call into their owner: don't keep the view. */
  bytes(): Uint8Array;
  /** Adds a holder. */
  retain(): void;
  /** One holder less; with the last one the bytes are gone. */
  release(): void;
}

/** Makes a body of bytes (or of text) that nobody has to give back: for a fetcher that holds the whole answer anyway. */
export function bodyOf(content: Uint8Array | string): Body {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    byteLength: bytes.byteLength,
    bytes: () => bytes,
    retain: () => undefined,
    release: () => undefined,
  };
}

/** What a fetcher writes a body into, chunk by chunk. */
export interface BodySink {
  /** Announces the size that is expected (a hint: memory is taken once). Refuses like `write`. */
  expect(byteLength: number): BodyRefusal | undefined;
  /** Appends a copy of the chunk. A refusal is final: the fetcher stops and reports it. */
  write(chunk: Uint8Array): BodyRefusal | undefined;
  /** Ends the body and hands it over; the sink is done. */
  end(): Body;
  /** Gives the memory back; the sink is done. */
  discard(): void;
}

/** Why a sink takes no more: the endpoint's own limit, or that of all bodies together. */
export type BodyRefusal = Extract<FailureReason, 'too_large' | 'over_budget'>;

/** Owns the memory that bodies live in. */
export interface BodyStore {
  /** Opens a sink for at most `maxBytes` bytes. */
  open(maxBytes: number): BodySink;
}
