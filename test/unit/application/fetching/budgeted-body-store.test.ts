import { BudgetedBodyStore } from '../../../../src/application/fetching/budgeted-body-store.ts';
import type { BodySink, BodyStore } from '../../../../src/domain/fetching/body.ts';
import { CountedBody } from '../../../support/fakes.ts';

const chunkStore: BodyStore = {
  open: (): BodySink => {
    let text = '';
    return {
      expect: () => undefined,
      write: (chunk) => {
        text += new TextDecoder().decode(chunk);
        return undefined;
      },
      end: () => new CountedBody(text),
      discard: () => undefined,
    };
  },
};
const bytes = (count: number): Uint8Array => new Uint8Array(count);

describe('BudgetedBodyStore', () => {
  it('refuses what would make all bodies together too large, until one is released', () => {
    const store = new BudgetedBodyStore(chunkStore, 10);
    const first = store.open(100);
    expect(first.write(bytes(6))).toBeUndefined();
    const body = first.end();
    const second = store.open(100);
    expect(second.write(bytes(5))).toBe('over_budget');
    body.retain();
    body.release();
    expect(second.write(bytes(5))).toBe('over_budget');
    body.release();
    expect(second.write(bytes(5))).toBeUndefined();
  });

  it('refuses an announced size that can not fit', () => {
    expect(new BudgetedBodyStore(chunkStore, 10).open(100).expect(11)).toBe('over_budget');
  });

  it('leaves what is too large in itself to the limit of its own', () => {
    const limited: BodyStore = { open: () => ({ ...chunkStore.open(0), expect: () => 'too_large' }) };
    expect(new BudgetedBodyStore(limited, 10).open(100).expect(101)).toBe('too_large');
  });

  it('gives back what a discarded sink had taken', () => {
    const store = new BudgetedBodyStore(chunkStore, 10);
    const sink = store.open(100);
    sink.write(bytes(10));
    sink.discard();
    expect(store.open(100).write(bytes(10))).toBeUndefined();
  });
});
