import { ExpositionMerge } from '../../../../src/adapters/exposition/exposition-merge.ts';
import { MergeMemory } from '../../../../src/adapters/exposition/samples/merge-memory.ts';
import { MetadataCache } from '../../../../src/adapters/exposition/samples/metadata-cache.ts';
import { lines } from '../../../support/exposition/engine-and-reference.ts';
import { TEXT, textOf } from '../../../support/exposition/merging.ts';

describe('ExpositionMerge', () => {
  const MEBIBYTE = 2 ** 20;
  const distinct = (count: number, line: (name: string) => string): string =>
    lines(count, (i) => line(`n${i.toString(36)}`));

  it('keeps no names of a body that it refuses', () => {
    const memory = new MergeMemory(1, new MetadataCache());
    const options = { format: TEXT, honorsLabels: false, maxHeldBytes: 8 * MEBIBYTE };
    const merge = new ExpositionMerge(options, memory, () => undefined);
    const add = (rank: number, text: string): boolean => {
      const source = { labels: [], contentType: undefined, sampleLimit: 0, rank };
      return merge.add({ ...source, body: Buffer.from(text) }).ok;
    };
    expect(add(0, 'first 1\nn1 2\n')).toBe(true);
    expect(
      add(
        1,
        distinct(2 ** 16, (name) => `${name} 1`),
      ),
    ).toBe(false);
    expect(memory.names.count).toBe(2);
    expect(add(2, 'n1 3\nn0 4\nfirst 5\n')).toBe(true);
    expect(textOf(merge.finish()).replace(/^#.*\n/gm, '')).toBe('first 1\nn1 2\nn0 4\n');
  });
});
