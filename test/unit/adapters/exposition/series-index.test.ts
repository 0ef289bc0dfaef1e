import { SampleLog } from '../../../../src/adapters/exposition/sample-log.ts';
import { SeriesIndex } from '../../../../src/adapters/exposition/series-index.ts';

/** An index over samples that are given as text, all with the same hash or with that of their length. */
function indexed(
  texts: readonly string[],
  hashOf: (text: string) => number,
): { kept: string[]; comparisons: number } {
  const log = new SampleLog();
  const index = new SeriesIndex(log);
  index.start(0);
  let comparisons = 0;
  const isSame = (a: number, b: number): boolean => {
    comparisons++;
    return texts[a] === texts[b];
  };
  const kept = texts.filter((text, sample) => {
    log.ensureSample();
    log.samples = sample + 1;
    log.seriesHashes[sample] = hashOf(text);
    return index.add(sample, isSame, (other) => texts[other]!);
  });
  return { kept, comparisons };
}

const numbers = Array.from({ length: 20_000 }, (_, i) => `series ${i}`);

describe('SeriesIndex', () => {
  it('finds what was there before', () => {
    expect(indexed(['a', 'b', 'a', 'c', 'b'], (text) => text.charCodeAt(0)).kept).toEqual(['a', 'b', 'c']);
  });

  it('tells samples of one hash apart, without comparing each with all', () => {
    const { kept, comparisons } = indexed([...numbers, ...numbers], () => 7);
    expect(kept).toEqual(numbers);
    expect(comparisons).toBeLessThan(20 * 2 * numbers.length);
  });

  it('grows with the number of samples', () => {
    const { kept, comparisons } = indexed([...numbers, ...numbers], (text) =>
      Math.imul(Number(text.slice(7)), 0x9e3779b1),
    );
    expect(kept).toEqual(numbers);
    expect(comparisons).toBe(numbers.length);
  });

  it('forgets a source when the next one starts', () => {
    const log = new SampleLog();
    const index = new SeriesIndex(log);
    const add = (sample: number): boolean =>
      index.add(
        sample,
        () => true,
        () => '',
      );
    log.seriesHashes.fill(1);
    index.start(0);
    expect([add(0), add(1)]).toEqual([true, false]);
    index.start(1);
    expect([add(1), add(2)]).toEqual([true, false]);
    // A source that was refused leaves its number to the next one.
    index.start(1);
    expect([add(1), add(2)]).toEqual([true, false]);
  });
});
