import { canonicalLabels } from '../../../../../src/adapters/exposition/lines/parsed-sample.ts';

describe('canonicalLabels', () => {
  it('is the same in any order, with other escapes and with empty labels', () => {
    const one = canonicalLabels([
      { name: 'a', value: '1' },
      { name: 'b', value: '\\x' },
    ]);
    const other = canonicalLabels([
      { name: 'b', value: '\\\\x' },
      { name: 'c', value: '' },
      { name: 'a', value: '1' },
    ]);
    expect(other).toBe(one);
  });

  it('differs for a name that contains what could follow a name', () => {
    const two = canonicalLabels([
      { name: 'a', value: 'b' },
      { name: 'c', value: 'd' },
    ]);
    for (const separator of ['\0', '=', '="', ':']) {
      expect(canonicalLabels([{ name: `a${separator}b"c`, value: 'd' }])).not.toBe(two);
    }
  });
});
