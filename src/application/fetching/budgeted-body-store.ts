import type { Body, BodyRefusal, BodySink, BodyStore } from '../../domain/fetching/body.ts';

/** Keeps the bytes of all bodies that are alive at the same time below a limit: over it, a body is refused. */
export class BudgetedBodyStore implements BodyStore {
  readonly #inner: BodyStore;
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(inner: BodyStore, limitBytes: number) {
    this.#inner = inner;
    this.#limitBytes = limitBytes;
  }

  open(maxBytes: number): BodySink {
    const inner = this.#inner.open(maxBytes);
    let writtenBytes = 0;
    const giveBack = (): void => {
      this.#usedBytes -= writtenBytes;
      writtenBytes = 0;
    };
    return {
      expect: (byteLength): BodyRefusal | undefined => {
        const isOverBudget = this.#usedBytes + byteLength > this.#limitBytes;
        // What is too large in itself is so at any time: its own limit is the reason.
        return isOverBudget && byteLength <= maxBytes ? 'over_budget' : inner.expect(byteLength);
      },
      write: (chunk): BodyRefusal | undefined => {
        if (this.#usedBytes + chunk.byteLength > this.#limitBytes) return 'over_budget';
        const refusal = inner.write(chunk);
        if (refusal === undefined) {
          writtenBytes += chunk.byteLength;
          this.#usedBytes += chunk.byteLength;
        }
        return refusal;
      },
      end: () => counted(inner.end(), giveBack),
      discard: () => {
        giveBack();
        inner.discard();
      },
    };
  }
}

function counted(body: Body, onGone: () => void): Body {
  let holders = 1;
  return {
    byteLength: body.byteLength,
    bytes: () => body.bytes(),
    retain: () => {
      holders++;
      body.retain();
    },
    release: () => {
      body.release();
      if (--holders === 0) onGone();
    },
  };
}
