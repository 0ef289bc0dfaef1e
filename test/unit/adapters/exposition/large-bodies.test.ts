import {
  engine,
  expectSame,
  lines,
  named,
  reference,
} from '../../../support/exposition/engine-and-reference.ts';
import { FORMATS, mergeAll, OPENMETRICS, TEXT, TEXT_UTF8 } from '../../../support/exposition/merging.ts';
import { cpuMsOf } from '../../../support/cpu-time.ts';

const family = (name: string, count: number): string =>
  `# HELP ${name} Some.\n# TYPE ${name} gauge\n${lines(count, (i) => `${name}{i="${i}",text="x y z"} ${i}.5`)}`;

describe('a body larger than what the engine takes at a time', () => {
  it('of many samples in few families', () => {
    expectSame([{ body: family('a', 3000) + family('b', 7000) }]);
  });

  it('of many families, which come again and again', () => {
    const body = lines(3000, (i) => `family_${i % 700}_bytes{i="${i}"} ${i}`);
    expectSame([{ body }, { body }], [TEXT]);
  });

  it('with lines that are not plain at every place', () => {
    const odd = ['m{a="b" } 1', 'm{i="\\d"} 1', '  m  2', '# a comment', '', 'm{i="\n"} 3', '{"q.r"} 1'];
    const body = lines(900, (i) => `m{i="${i}"} ${i}${i % 9 === 0 ? `\n${odd[(i / 9) % odd.length]!}` : ''}`);
    expectSame([{ body: body.replaceAll('{i="\\d"}', () => '{i="\\d"}') }]);
  });
});

describe('much', () => {
  const lines = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('');

  it('goes over several chunks of memory without losing a line', () => {
    const body = lines(15_000, (i) => `family_${i % 7}{number="${i}",text="${'x'.repeat(i % 97)}"} ${i}\n`);
    const { reports, text } = mergeAll(engine, [{ body }], TEXT);
    expect(reports).toEqual([{ ok: true, samples: 15_000 }]);
    const expected = body
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace('{', '{container_name="a",'));
    expect(
      text
        .split('\n')
        .filter((line) => line.startsWith('family'))
        .sort(),
    ).toEqual(expected.sort());
  });

  it('has lines that are longer than a chunk', () => {
    const body = `m{a="${'x'.repeat(1_100_000)}"} 1\nm{b="${'y\\\\'.repeat(400_000)}"} 2\nm 3\n`;
    expect(mergeAll(engine, [{ body }, { body }], TEXT).text).toBe(
      mergeAll(reference, [{ body }, { body }], TEXT).text,
    );
  });

  it.each(FORMATS)('is the same as the reference has it: $contentType', (format) => {
    const sources = ['a', 'b', 'a'].map((value, source) => ({
      labels: named(value),
      body: lines(300, (i) => {
        const type =
          i % 5 === 0 ? `# TYPE f${i % 20} ${source === 1 && i % 20 === 5 ? 'gauge' : 'counter'}\n` : '';
        return `${type}f${i % 20}{n="${i % 150}"} ${i} ${i % 3}\n`;
      }),
    }));
    expect(mergeAll(engine, sources, format)).toEqual(mergeAll(reference, sources, format));
  });

  it('of names and labels is told apart', () => {
    // More names than slots, some lines with more labels than a template takes, and every series twice.
    const body = lines(1000, (i) => `name_${i}{${lines(i % 220, (l) => `l${l}="${l}",`)}} 1\n`);
    const { duplicateSamples, reports } = mergeAll(engine, [{ body: body + body }], TEXT);
    expect([reports[0], duplicateSamples]).toEqual([{ ok: true, samples: 2000 }, 1000]);
  });
});

describe('what the engine has no room for', () => {
  it.each([112, 2047, 2048, 2049, 3000])('a name of %i bytes', (length) => {
    const name = 'n'.repeat(length);
    expectSame([{ body: lines(3, (i) => `${name}{i="${i}"} 1\nother 1.${i} ${i}`) }]);
  });

  it.each([31, 32, 33, 100])('%i labels', (count) => {
    const labels = Array.from({ length: count }, (_, i) => `label_${i}="${i}"`).join();
    expectSame([{ body: lines(3, (i) => `a{${labels},last="${i}"} 1`) }]);
  });

  it.each([100, 8190, 8200, 20_000])('an identity of %i bytes', (length) => {
    const labels = [{ name: 'container_name', value: 'c'.repeat(length - 'container_name=""'.length) }];
    expectSame([{ labels, body: lines(50, (i) => `a{i="${i}"} 1\nb 1\nc{container_name="x",i="${i}"} 1`) }]);
  });
});

describe('more than is remembered', () => {
  it('of names', () => {
    // So many are too slow for the reference.
    const body = lines(20_000, (i) => `m${i}{i="1"} ${i}\nm${i}{i="2"} ${i}`);
    const sample = (name: number, source: string, i: number): string =>
      `m${name}{container_name="${source}",i="${i}"} ${name}\n`;
    const family = (name: number): string =>
      `# TYPE m${name} untyped\n${['a', 'b'].map((source) => sample(name, source, 1) + sample(name, source, 2)).join('')}`;
    const { text } = mergeAll(engine, [{ body }, { body }], TEXT);
    expect(text === Array.from({ length: 20_000 }, (_, name) => family(name)).join('')).toBe(true);
  });

  it('of bytes in names and lines of metadata', () => {
    const long = 'x'.repeat(400);
    const body = lines(4000, (i) => `# HELP ${long}_${i} ${i}\n# TYPE ${long}_${i} gauge\n${long}_${i} ${i}`);
    expectSame([{ body }, { body }], [TEXT]);
  });
});

describe('very many lines of metadata', () => {
  it('are read right also where all that was known has been forgotten meanwhile', () => {
    const families = (from: number, count: number): string =>
      lines(
        count,
        (i) => `# HELP m_${from + i} No ${from + i}.\n# TYPE m_${from + i} gauge\nm_${from + i}{i="1"} ${i}`,
      );
    // 8192 lines are remembered.
    expectSame(
      [{ body: families(0, 3000) }, { body: families(1500, 3000) }, { body: families(0, 3000) }],
      [TEXT],
    );
  });
});

describe('a line that is longer than what the engine is given at a time', () => {
  const long = 100_000;
  it.each([
    ['a value full of line feeds', `m{a="${'\n'.repeat(long)}"} 1`],
    ['a value full of odd escapes', `m{a="${'\\x'.repeat(long)}"} 1`],
    ['a quoted name of a label that gives way', `m{"container.name"="x","${'é'.repeat(long)}"="y"} 1`],
    ['a label that gives way', `m{container_name="${'x'.repeat(long)}"} 1`],
    ['very many labels', `m{${Array.from({ length: 20_000 }, (_, i) => `l${i}="${i}"`).join()}} 1`],
    ['digits', `m 0.${'1'.repeat(long)}`],
  ])('is read: %s', (_, line) => {
    const body = `before{a="1"} 1\n${line}\nbehind{a="1"} 1\n`;
    expectSame([{ body }, { body }], [TEXT, OPENMETRICS]);
  });

  it('is refused where a quote has no end', () => {
    const body = `before{a="1"} 1\nm{a="${'x\n'.repeat(long)}`;
    const [report] = mergeAll(engine, [{ body }], TEXT).reports;
    expect(report).toHaveProperty('detail', 'line 2: quote without an end: "m{a=\\"x"');
  });

  it('is over the budget where it has more labels, or a longer name, than any program', () => {
    const labels = Array.from({ length: 40_000 }, (_, i) => `l${i}="${i}"`).join();
    const bodies = [`m{${labels}} 1\n`, `${'m'.repeat(2 ** 17 + 1)} 1\n`];
    const { reports } = mergeAll(
      engine,
      bodies.map((body) => ({ body })),
      TEXT,
    );
    expect(reports).toMatchObject([{ reason: 'over_budget' }, { reason: 'over_budget' }]);
  });
});

describe('very many names', () => {
  it('take time by their number alone, whatever they are', () => {
    // MurmurHash3 can't tell these two apart, with any seed and wherever they stand.
    const twins = ['ԸOA*Iر', ",Zp6*I'v"];
    const colliding = (i: number): string =>
      Array.from({ length: 15 }, (_, bit) => twins[(i >> bit) & 1]).join('');
    const timeOf = (name: (i: number) => string): number => {
      const body = lines(2 ** 15, (i) => `{"${name(i)}"} 1`);
      return cpuMsOf(() => mergeAll(engine, [{ body }], TEXT_UTF8));
    };
    const plainMs = timeOf((i) => `${i}`.padStart(120, 'x'));
    expect(timeOf(colliding)).toBeLessThan(4 * plainMs);
  });

  it('are told apart also in merges after the one in which they became too many', () => {
    const names = (from: number, count: number): string => lines(count, (i) => `m_${from + i}{i="1"} ${i}`);
    // 16384 names are remembered from merge to merge.
    expectSame([{ body: names(0, 8500) }, { body: names(8000, 8500) }], [TEXT]);
    expectSame([{ body: names(8400, 200) }, { body: names(8500, 200) }], [TEXT]);
    expectSame([{ body: names(0, 200) }], [TEXT]);
  });
});
