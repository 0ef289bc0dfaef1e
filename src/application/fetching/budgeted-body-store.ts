import type { Body, BodyRefusal, BodySink, BodyStore } from '../../domain/fetching/body.ts';

/** Limits the bytes of all bodies that are held at the same time: a body that would exceed the limit is refused. */
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
    const uncount = (): void => {
      this.#usedBytes -= writtenBytes;
      writtenBytes = 0;
    };
    return {
      expect: (byteLength): BodyRefusal | undefined => {
        const isOverBudget = this.#usedBytes + byteLength > this.#limitBytes;
        // A body that exceeds its own limit is refused for that: it would be at any time.
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
      end: () => counted(inner.end(), uncount),
      discard: () => {
        uncount();
        inner.discard();
      },
    };
  }
}

function counted(body: Body, onLastRelease: () => void): Body {
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
      if (--holders === 0) onLastRelease();
    },
  };
}
