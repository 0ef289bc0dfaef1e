import { BufferPool } from '../../../../../src/adapters/exposition/bodies/buffer-pool.ts';

describe('BodyMemory', () => {
  let nowMs = 0;
  let memory: BufferPool;

  beforeEach(() => {
    nowMs = 0;
    memory = new BufferPool(() => nowMs);
  });

  const scrape = (sizes: readonly number[]): Uint8Array[] => {
    const all = sizes.map((size) => memory.take(size));
    for (const bytes of all) memory.give(bytes);
    return all;
  };

  it.each([1, 16_384, 16_385, 100_000, 131_072, 131_073, 1_000_000])('has at least %i bytes', (size) => {
    const { length } = memory.take(size);
    expect(length).toBeGreaterThanOrEqual(size);
    expect(length).toBeLessThanOrEqual(Math.max(16_384, 1.25 * size));
  });

  it('gives what was given to it, to a body of about that size, and to one at a time', () => {
    const first = memory.take(100_000);
    memory.give(first);
    const second = memory.take(100_001);
    expect(second).toBe(first);
    expect(memory.take(100_000)).not.toBe(first);
  });

  it('keeps what each scrape needs', () => {
    const before = scrape([100_000, 100_000, 300_000]);
    for (nowMs = 0; nowMs < 300_000; nowMs += 15_000) scrape([100_000, 100_000, 300_000]);
    expect(new Set(scrape([100_000, 100_000, 300_000]))).toEqual(new Set(before));
  });

  it('forgets within two minutes what one large scrape needed', () => {
    const large = scrape([100_000, 100_000, 100_000, 5_000_000]);
    for (nowMs = 0; nowMs <= 120_000; nowMs += 15_000) scrape([100_000]);
    expect(large).not.toContain(memory.take(5_000_000));
    const kept = [memory.take(100_000), memory.take(100_000)].filter((bytes) => large.includes(bytes));
    expect(kept).toHaveLength(1);
  });
});
