import {
  engine,
  lines,
  named,
  reference,
  sampleLines,
} from '../../../support/exposition/engine-and-reference.ts';
import { mergeAll, TEXT, type TestSource } from '../../../support/exposition/merging.ts';

describe('duplicates', () => {
  it.each<[story: string, body: string, kept: readonly string[]]>([
    ['equal lines', 'm 1\nm 1\n', ['m{container_name="a"} 1']],
    ['the first value stays', 'm 1\nm 2\n', ['m{container_name="a"} 1']],
    [
      'another order of labels',
      'm{a="1",b="2"} 1\nm{b="2",a="1"} 2\n',
      ['m{container_name="a",a="1",b="2"} 1'],
    ],
    ['an empty label', 'm{a=""} 1\nm 2\n', ['m{container_name="a",a=""} 1']],
    [
      'another spelling',
      'm{a="1"} 1\nm{ a = "1" , } 2\n{"m","a"="1"} 3\n',
      ['m{container_name="a",a="1"} 1'],
    ],
    [
      'another spelling of an escape',
      'm{a="\\\\d"} 1\nm{a="\\d"} 2\n',
      ['m{container_name="a",a="\\\\d"} 1'],
    ],
    ['equal timestamps', 'm 1 5\nm 2 005\n', ['m{container_name="a"} 1 5']],
    [
      'different timestamps',
      'm 1 5\nm 2 6\nm 3\n',
      ['m{container_name="a"} 1 5', 'm{container_name="a"} 2 6', 'm{container_name="a"} 3'],
    ],
    ['no timestamp and 0', 'm 1\nm 2 0\n', ['m{container_name="a"} 1', 'm{container_name="a"} 2 0']],
    [
      'different labels of one sum of lengths',
      'm{a="12",b="3"} 1\nm{a="1",b="23"} 2\n',
      ['m{container_name="a",a="12",b="3"} 1', 'm{container_name="a",a="1",b="23"} 2'],
    ],
    [
      'swapped values',
      'm{a="1",b="2"} 1\nm{a="2",b="1"} 2\n',
      ['m{container_name="a",a="1",b="2"} 1', 'm{container_name="a",a="2",b="1"} 2'],
    ],
  ])('%s', (_, body, kept) => {
    expect(sampleLines([{ body }])).toEqual(kept);
    expect(mergeAll(engine, [{ body }], TEXT).duplicateSamples).toBe(
      body.trim().split('\n').length - kept.length,
    );
  });

  it.each<[story: string, sources: readonly TestSource[], honorsLabels: boolean, kept: readonly string[]]>([
    [
      'of two sources with one identity',
      [
        { body: 'm 1\nn 1\n', labels: named('x') },
        { body: 'm 2\no 2\n', labels: named('x') },
      ],
      false,
      ['m{container_name="x"} 1', 'n{container_name="x"} 1', 'o{container_name="x"} 2'],
    ],
    [
      'where a label of one is what the other has as identity',
      [
        { body: 'm{task_id="t"} 1\n', labels: named('x') },
        { body: 'm 2\n', labels: named('x', { name: 'task_id', value: 't' }) },
      ],
      false,
      ['m{container_name="x",task_id="t"} 1'],
    ],
    [
      'that honored labels make',
      [
        { body: 'm{container_name="z"} 1\n', labels: named('x') },
        { body: 'm{container_name="z"} 2\n', labels: named('y') },
      ],
      true,
      ['m{container_name="z"} 1'],
    ],
    [
      'of a source of our own, whose samples stand',
      [
        { body: 'up 0\n', labels: named('x') },
        { body: 'up{container_name="x"} 1\n', labels: [], isOwn: true },
      ],
      false,
      ['up{container_name="x"} 1'],
    ],
  ])('%s', (_, sources, honorsLabels, kept) => {
    expect(sampleLines(sources, TEXT, honorsLabels)).toEqual(kept);
    expect(mergeAll(engine, sources, TEXT, honorsLabels).duplicateSamples).toBe(1);
  });
});

describe('the second sample of a series is found', () => {
  it.each([1, 2047, 2048, 2049, 5000, 20_000])('%i samples behind the first', (distance) => {
    const body = `a{i="x"} 1\n${lines(distance - 1, (i) => `a{i="${i}"} 1`)}a{i="x"} 2\n`;
    expect(mergeAll(engine, [{ body }], TEXT)).toMatchObject({
      duplicateSamples: 1,
      reports: [{ ok: true, samples: distance + 1 }],
    });
  });

  it('where very many are the same', () => {
    const body = lines(50_000, (i) => `a{i="${i % 2}"} ${i}`);
    const { text, duplicateSamples } = mergeAll(engine, [{ body }], TEXT);
    expect(duplicateSamples).toBe(49_998);
    expect(text).toBe('# TYPE a untyped\na{container_name="a",i="0"} 0\na{container_name="a",i="1"} 1\n');
  });

  it('also in a source behind one that was refused', () => {
    const good = lines(3000, (i) => `a{i="${i}"} 1`);
    const sources = [{ body: `${good}a{ 1\n` }, { body: `${good}a{i="7"} 2\n` }];
    const { text, duplicateSamples } = mergeAll(reference, sources, TEXT);
    expect(mergeAll(engine, sources, TEXT)).toMatchObject({ text, duplicateSamples });
  });
});
