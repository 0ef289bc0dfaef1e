import { SeriesIndex } from '../../../../../src/adapters/exposition/merging/series-index.ts';

describe('SeriesIndex', () => {
  it('finds the first sample that had the hash', () => {
    const index = new SeriesIndex(5);
    const hashes = [7, -3, 7, 0, -3];
    expect(hashes.map((hash, sample) => index.add(sample, hash))).toEqual([
      undefined,
      undefined,
      0,
      undefined,
      1,
    ]);
  });

  it('holds as many as it was made for, whatever their hashes are', () => {
    const count = 1000;
    const index = new SeriesIndex(count);
    for (let sample = 0; sample < count; sample++) expect(index.add(sample, sample << 16)).toBeUndefined();
    for (let sample = 0; sample < count; sample++) expect(index.add(0, sample << 16)).toBe(sample);
  });
});
