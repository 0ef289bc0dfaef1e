import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ExpositionMerge } from '../../../../src/adapters/exposition/exposition-merge.ts';
import { WasmMetricsRelabeler } from '../../../../src/adapters/exposition/wasm-metrics-relabeler.ts';
import { instantiateEngine } from '../../../../src/adapters/exposition/engine/engine-module.ts';
import { LineEngine } from '../../../../src/adapters/exposition/engine/line-engine.ts';
import { MergeMemory } from '../../../../src/adapters/exposition/samples/merge-memory.ts';
import { MetadataCache } from '../../../../src/adapters/exposition/samples/metadata-cache.ts';
import {
  FORMATS,
  mergeAll,
  OPENMETRICS,
  TEXT,
  TEXT_UTF8,
  textOf,
  type TestSource,
} from '../../../support/exposition/merging.ts';
import { ReferenceMetricsRelabeler } from '../../../support/exposition/reference-relabeler.ts';

const engine = new WasmMetricsRelabeler();
const reference = new ReferenceMetricsRelabeler();

// The engine takes so much input and 2048 samples at a time, and remembers names of up to 2048 bytes and 32 label names.
const { INPUT_BYTES } = instantiateEngine().constants;

function lines(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
}

/** All that the reference makes of the sources is what the engine makes of them, in each format. */
function expectSame(sources: readonly TestSource[], formats = FORMATS): void {
  for (const format of formats) {
    const expected = mergeAll(reference, sources, format);
    expect(expected.reports.map(({ ok }) => ok)).toEqual(sources.map(() => true));
    expect(mergeAll(engine, sources, format)).toEqual(expected);
  }
}

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

  it.each([-2, -1, 0, 1, 2])('with a line that ends %i bytes behind what it takes', (distance) => {
    const first = family('a', 100);
    const second = `b{text="${'x'.repeat(INPUT_BYTES + distance - first.length - 13)}"} 1\n`;
    expect((first + second).length).toBe(INPUT_BYTES + distance);
    expectSame([{ body: `${first}${second}c 1\n` }, { body: `${first}${second}c 1` }], [TEXT, OPENMETRICS]);
  });

  it.each([
    ['a label value', 'b{text="'],
    ['a quoted name', '{"'],
  ])('with line feeds in %s where what it takes ends', (_, start) => {
    const first = family('a', 100);
    for (const behind of ['injected 666\n# ', 'no sample\n', '']) {
      const long = start + 'x'.repeat(INPUT_BYTES - 1 - first.length - start.length);
      const body = `${first}${long}\n${behind}"} 1\nc 1\n`;
      expect(body[INPUT_BYTES - 1]).toBe('\n');
      expectSame([{ body }], [TEXT, OPENMETRICS]);
    }
  });

  it('in one line alone', () => {
    expectSame([{ body: `a 1\nb{text="${'x'.repeat(3 * INPUT_BYTES)}"} 1\nc 1\n` }], [TEXT]);
  });
});

it('what very many lines of metadata took is given back with the next merge', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const arrayBytes = (): number => {
    for (let times = 0; times < 3; times++) collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const relabeler = new WasmMetricsRelabeler();
  const small = [{ body: 'a 1\n' }];
  mergeAll(relabeler, small, TEXT);
  const before = arrayBytes();
  mergeAll(relabeler, [{ body: '# HELP a\n'.repeat(1_000_000) }], TEXT);
  mergeAll(relabeler, small, TEXT);
  expect(arrayBytes() - before).toBeLessThan(1_000_000);
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

describe('numbers of every length', () => {
  const digits = Array.from({ length: 19 }, (_, count) => '1234567890123456789'.slice(0, count));
  const numbers = digits.flatMap((whole) => [whole, ...digits.map((fraction) => `${whole}.${fraction}`)]);
  const signed = numbers.flatMap((number) => [number, `-${number}`]).filter((number) => /[0-9]/.test(number));

  it.each(['', 'e5', ' 1700000000123'])('are read to their ends, which is "%s"', (end) => {
    expectSame([{ body: lines(signed.length, (i) => `a{i="${i}"} ${signed[i]}${end}`) }]);
  });

  it.each(['x', '.', '..5', '1.2.3', '\t', '\0', ' 1x', 'e'])(
    'are taken or refused with "%s" behind them, as the reference does',
    (end) => {
      for (const number of numbers) {
        const sources = [{ body: `a{i="1"} ${number}${end}\n` }];
        const expected = mergeAll(reference, sources, TEXT);
        expect(mergeAll(engine, sources, TEXT)).toMatchObject({
          text: expected.text,
          reports: [{ ok: expected.reports[0]?.ok }],
        });
      }
    },
  );
});

describe('buckets', () => {
  const histogram = (name: string, bounds: readonly string[]): string =>
    `${bounds.map((bound) => `${name}_bucket{le="${bound}"} 1\n`).join('')}${name}_sum 1\n${name}_count 1\n`;
  const types = '# TYPE a histogram\n# TYPE b histogram\n';

  it.each([
    ['in order', histogram('a', ['0.1', '1e1', '2.5e+1', '+Inf'])],
    ['in disorder', histogram('a', ['25', '0.1', '+Inf', '10'])],
    ['in disorder, some of them twice', histogram('a', ['1', '3', '1', '2', '+Inf'])],
    ['with bounds that are equal', histogram('a', ['1', '1.0', '+Inf'])],
    [
      'with small and large bounds',
      histogram('a', ['-1e99', '-5', '1e-22', '5e-05', '1e+06', '1e300', '+Inf']),
    ],
    [
      'with bounds that are hardly apart',
      histogram('a', ['8.999999999999998', '9', '9.000000000000002', '+Inf']),
    ],
    ['with bounds that are hardly apart, in disorder', histogram('a', ['9', '8.999999999999998', '+Inf'])],
    ['with bounds that are the same number', histogram('a', ['0.1', '0.10000000000000001', '+Inf'])],
    [
      'with bounds that are the same number, the longer first',
      histogram('a', ['0.10000000000000001', '0.1', '+Inf']),
    ],
    ['with one of 20 digits, in disorder', histogram('a', ['18446744073709551616', '1', '+Inf'])],
    [
      'with one of 20 digits that is there in another spelling',
      histogram('a', ['18446744073709551616', '1.8446744073709552e+19', '+Inf']),
    ],
    [
      'with one of 20 digits below zero, in disorder',
      histogram('a', ['-5', '-18446744073709551616', '+Inf']),
    ],
    ['below zero', histogram('a', ['-9.000000000000002', '-9', '-0', '0.0', '+Inf'])],
    [
      'with bounds that are the same number, though their digits suggest an order',
      histogram('a', ['76.302857505267127', '76.30285750526712718', '+Inf']),
    ],
    ['with two infinities', histogram('a', ['1', '+Inf', 'Inf'])],
    [
      'with as many digits as fit, and more',
      histogram('a', [
        '6.399999999999999e-08',
        '0.0009175039999999999',
        '1234567890.123456789',
        '1234567890.1234567891',
        '1.5e29',
        '1e31',
        '+Inf',
      ]),
    ],
    [
      'that interrupt each other',
      'a_bucket{le="2"} 1\nb_bucket{le="1"} 1\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\nb_bucket{le="+Inf"} 1\n',
    ],
  ])('%s', (_, body) => expectSame([{ body: types + body }]));
});

it.each([4092, 4093, 4094])(
  'buckets are in order where one is left out at the end of a batch: %i',
  (count) => {
    const bucket = (le: string): string => `h_bucket{le="${le}"} 1\n`;
    const gauges = lines(count, (i) => `g{i="${i}"} 1`);
    const body = `# TYPE h histogram\n${bucket('2')}${bucket('10')}${gauges}${bucket('2')}${bucket('3')}${bucket('+Inf')}h_count 1\nh_sum 1\n`;
    expectSame([{ body }]);
  },
);

describe('labels that are compared with those of the line before', () => {
  it.each<[string, (i: number) => string]>([
    ['the first varies', (i) => `a{i="${i}",x="1",y="2"} 1`],
    ['the middle varies', (i) => `a{x="1",i="${i}",y="2"} 1`],
    ['the last varies', (i) => `a{x="1",y="2",i="${i}"} 1`],
    ['two vary', (i) => `a{i="${i % 7}",x="1",j="${i}",y="2"} 1`],
    ['one varies now and then', (i) => `a{i="${i}",x="${Math.floor(i / 5)}",y="2",z="3"} 1`],
    ['all are the same, and it is a duplicate', (i) => `a{x="1",y="${Math.floor(i / 3)}",z="3"} ${i}`],
    ['some lines have fewer', (i) => `a{x="1",i="${i}"${i % 3 === 0 ? '' : ',y="2"'}} 1`],
    ['some lines have others', (i) => `a{x="1",i="${i}",${i % 3 === 0 ? 'y' : 'z'}="2",w="3"} 1`],
    ['some values are empty', (i) => `a{x="${i % 2 === 0 ? '' : i}",i="${i}",y=""} 1`],
    ['some end in a comma', (i) => `a{x="1",i="${i}",y="2"${i % 4 === 0 ? ',' : ''}} 1`],
    ['some have escapes', (i) => `a{x="\\\\",i="${i}\\"${i % 3 === 0 ? '\\n' : ''}",y="}"} 1`],
    ['one is a part of another', (i) => `a{x="1",i="${'i'.repeat(i % 40)}${i}",y="2${'2'.repeat(i % 3)}"} 1`],
    [
      'buckets',
      (i) => `a_bucket{x="1",le="${i % 10 === 9 ? '+Inf' : i % 10}",i="${Math.floor(i / 10)}",y="2"} 1`,
    ],
    ['quantiles', (i) => `a{quantile="0.${i % 10}",i="${Math.floor(i / 10)}",y="2"} 1`],
    ['there is a blank behind commas', (i) => `a{x="1", i="${i}", y="2"} ${i}`],
    ['there is a blank behind some commas', (i) => `a{x="1", i="${i}",y="2"} ${i}`],
    ['there is a blank now and then', (i) => `a{x="1",${i % 3 === 0 ? ' ' : ''}i="${i}",y="2"} ${i}`],
    [
      'there are blanks, and a label is missing now and then',
      (i) => `a{x="1", i="${i}"${i % 3 === 0 ? '' : ', y="2"'}} 1`,
    ],
    ['there are blanks, and a comma at the end', (i) => `a{x="1", i="${i}",${i % 2 === 0 ? ' ' : ''}} 1`],
    [
      'there are several blanks, tabs, and blanks before the first',
      (i) => `a{${i % 2 === 0 ? ' ' : ''}x="1",${i % 3 === 0 ? '  ' : '\t'}i="${i}"} 1`,
    ],
    ['there is a blank before the first', (i) => `a{ x="1", i="${i}"} 1`],
    ['there are blanks, and one value is empty', (i) => `a{x="${i % 2 === 0 ? '' : i}", i="${i}", y=""} 1`],
    [
      'there are blanks, and one has the name of the identity',
      (i) => `a{x="1", i="${i}"${i % 5 === 0 ? ', container_name="x"' : ''}} 1`,
    ],
    [
      'there are blanks in buckets',
      (i) => `a_bucket{x="${Math.floor(i / 10)}", le="${i % 10 === 9 ? '+Inf' : i % 10}"} 1`,
    ],
    ['there are empty lines', (i) => `a{x="1",i="${i}"} ${i}\n${'\n'.repeat(i % 3)}`],
    ['the names alternate', (i) => `a_${i % 3}{x="1",i="${i}",y="2"} 1\nb 1.${i} ${i}`],
  ])('%s', (_, line) => expectSame([{ body: `# TYPE a histogram\n${lines(300, line)}` }]));
});

it.each([
  ['a label twice', 'a{x="1", x="2"} 1'],
  ['a label twice, each behind a blank', 'a{x="1", y="1", y="2"} 1'],
  ['a label twice, without the blank', 'a{x="1", y="1",x="2"} 1'],
  ['the label __name__', 'a{x="1", __name__="2"} 1'],
  ['no label behind a comma', 'a{x="1", ="2"} 1'],
])('a line with blanks behind commas and %s is refused', (_, line) => {
  const { reports } = mergeAll(engine, [{ body: `a{x="1", y="2"} 1\n${line}\n` }], TEXT);
  expect(reports).toMatchObject([{ ok: false, reason: 'malformed' }]);
});

it.each(['a{x="1", y="2"} 1\n', 'a 1\n\n'])('what only text allows is refused in OpenMetrics: %j', (line) => {
  const sources = [{ body: `a{x="1",y="1"} 1\n${line}# EOF\n`, syntax: 'openmetrics' as const }];
  expect(mergeAll(engine, sources, TEXT).reports).toMatchObject([{ ok: false, reason: 'malformed' }]);
});

describe('more than is remembered', () => {
  it('does not keep later names from being remembered', () => {
    const lineEngine = new LineEngine(1);
    const asksFor = (body: string): number => {
      const bytes = Buffer.from(body);
      let asked = 0;
      lineEngine.startMerge();
      lineEngine.startSource(0, { text: '', reserved: [], hash: 0 }, false, false);
      for (let start = 0; start < bytes.length;) {
        const end = lineEngine.loadInput(bytes, start);
        for (let at = lineEngine.scan(0); lineEngine.stopReason !== 'end'; at = lineEngine.scan(at)) {
          if (lineEngine.stopReason === 'full') lineEngine.clearPending();
          else lineEngine.addName(bytes, start + at, bytes.indexOf(' ', start + at), asked++, 0);
        }
        start = end;
      }
      return asked;
    };
    const few = lines(10, (i) => `late_${i} 1`);
    expect(asksFor(lines(40_000, (i) => `early_${i} 1`))).toBe(40_000);
    expect(asksFor(few)).toBe(10);
    expect(asksFor(few)).toBe(0);
  });

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

describe('metrics whose labels have equal hashes', () => {
  const merged = (body: string): string => mergeAll(engine, [{ body }], OPENMETRICS).text;
  const identified = (text: string): string => text.replaceAll('{i=', '{container_name="a",i=');

  // Of so many hashes of 32 bits, five pairs are equal on average.
  const COUNT = 200_000;
  const bucket = (i: number, le: string): string => `h_bucket{i="${i}",le="${le}"} ${i}`;

  it('are told apart where they are whole', () => {
    const body = `# TYPE h histogram\n${lines(COUNT, (i) => bucket(i, '+Inf'))}`;
    expect(merged(body) === `${identified(body)}# EOF\n`).toBe(true);
  });

  it('are told apart where their lines are apart', () => {
    const count = COUNT / 2;
    const body = `# TYPE h histogram\n${lines(count, (i) => bucket(i, '1'))}${lines(count, (i) => bucket(i, '+Inf'))}`;
    const gathered = `# TYPE h histogram\n${lines(count, (i) => `${bucket(i, '1')}\n${bucket(i, '+Inf')}`)}`;
    expect(merged(body) === `${identified(gathered)}# EOF\n`).toBe(true);
  });

  it('are told apart where some have timestamps', () => {
    const line = (i: number, time: string): string => `c_total{i="${i}"} ${i}${i % 2 === 0 ? time : ''}`;
    const out = mergeAll(
      engine,
      [{ body: `# TYPE c counter\n${lines(COUNT, (i) => line(i, ' 1000'))}# EOF\n`, syntax: 'openmetrics' }],
      OPENMETRICS,
    ).text;
    expect(out.slice(0, out.indexOf('\n'))).toBe('# TYPE c counter');
  });

  it('are not foreseen', () => {
    // Equal in a multiplicative hash whose seed is only its start.
    const [left, right] = ['a'.repeat(16), 'aaaaaaa!aaa!aaa!'] as const;
    const body = `# TYPE h histogram
h_bucket{i="${left}",le="1"} 1
h_bucket{i="${right}",le="2"} 1
h_bucket{i="${left}",le="+Inf"} 1
h_bucket{i="${right}",le="+Inf"} 1
`;
    expectSame([{ body }], [OPENMETRICS]);
  });
});

describe('very many names', () => {
  it('take time by their number alone, whatever they are', () => {
    // MurmurHash3 can't tell these two apart, with any seed and wherever they stand.
    const twins = ['ԸOA*Iر', ",Zp6*I'v"];
    const colliding = (i: number): string =>
      Array.from({ length: 15 }, (_, bit) => twins[(i >> bit) & 1]).join('');
    const timeOf = (name: (i: number) => string): number => {
      const startMs = performance.now();
      mergeAll(engine, [{ body: lines(2 ** 15, (i) => `{"${name(i)}"} 1`) }], TEXT_UTF8);
      return performance.now() - startMs;
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

describe('a body that is small and takes much memory', () => {
  const MEBIBYTE = 2 ** 20;
  const distinct = (count: number, line: (name: string) => string): string =>
    lines(count, (i) => line(`n${i.toString(36)}`));

  it.each([
    ['lines that are shorter than their labels', lines(2 ** 18, () => 'a 1')],
    ['many names', distinct(2 ** 16, (name) => `${name} 1`)],
    ['many families', distinct(2 ** 16, (name) => `# TYPE ${name} gauge`)],
  ])('is over the budget, and the others go out: %s', (_, body) => {
    expect(body.length).toBeLessThan(2 * MEBIBYTE);
    const merge = engine.start({ format: TEXT, honorsLabels: false, maxHeldBytes: 8 * MEBIBYTE });
    const add = (name: string, text: string, isOwn = false): string => {
      const labels = [{ name: 'container_name', value: name }];
      const source = { labels, contentType: undefined, sampleLimit: 0, rank: name.length, isOwn };
      const report = merge.add({ ...source, body: Buffer.from(text) });
      return report.ok ? 'up' : report.reason;
    };
    expect(add('x', 'first 1\n')).toBe('up');
    expect(add('xx', body)).toBe('over_budget');
    expect(add('xxx', 'second 1\n')).toBe('up');
    expect(add('xxxx', body.slice(0, body.lastIndexOf('\n', MEBIBYTE / 32) + 1))).toBe('up');
    const merged = merge.finish();
    expect(textOf(merged)).toMatch(/^first\{.* 1\n(?:.*\n)*second\{.* 1\n/m);
    merged.release();
  });

  it('leaves no names behind where it is refused', () => {
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

  it('leaves no number behind that another name gets', () => {
    const bodies = ['one_1 1\n', 'one_2 1\nx{ 1\n', 'one_3 3\n', 'one_2 4\none_3 5\n'];
    const sources = bodies.map((body) => ({ body }));
    const { reports, text } = mergeAll(engine, sources, TEXT);
    expect(reports.map(({ ok }) => ok)).toEqual([true, false, true, true]);
    expect(text).toBe(mergeAll(reference, sources, TEXT).text);
  });

  it('may take half of what all may take', () => {
    const body = Buffer.from(lines(2 ** 17, (i) => `a{i="${i}"} 1`));
    const isTaken = (mebibytes: number): boolean => {
      const merge = engine.start({
        format: TEXT,
        honorsLabels: false,
        maxHeldBytes: mebibytes * MEBIBYTE,
      });
      const { ok } = merge.add({ labels: [], contentType: undefined, sampleLimit: 0, rank: 0, body });
      merge.discard();
      return ok;
    };
    expect([16, 32].map(isTaken)).toEqual([false, true]);
  });

  it('counts for the whole merge, but for families of our own', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false, maxHeldBytes: 2 * MEBIBYTE });
    const add = (rank: number, isOwn: boolean): boolean => {
      const source = { labels: [], contentType: undefined, sampleLimit: 0, rank, isOwn };
      return merge.add({ ...source, body: Buffer.from(distinct(1500, (name) => `${name}_${rank} 1`)) }).ok;
    };
    expect([add(0, false), add(1, false), add(2, false), add(3, true)]).toEqual([true, true, false, true]);
    merge.discard();
  });

  it('has more names than any program', () => {
    const body = distinct(2 ** 17 + 1, (name) => `${name} 1`);
    const [report] = mergeAll(engine, [{ body }], TEXT).reports;
    expect(report).toMatchObject({ ok: false, reason: 'over_budget' });
    expect(report).toHaveProperty('detail', expect.stringContaining('more than 131072 names'));
  });
});

describe('bytes beyond ASCII', () => {
  const body = (odd: string, comment = ''): Uint8Array =>
    Buffer.from(
      lines(1000, (i) => `a{i="${i}",text="${i === 700 ? odd : 'x y z'}"} ${i}`) + comment,
      'latin1',
    );
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

  it.each([
    ['in a value far from the beginning', body(utf8('größe ✓ und noch mehr 🚀'))],
    ["at a value's end", body(utf8('0123456789abcdé'))],
    ['in a body whose comment is not UTF-8', body(utf8('ü'), '# \xff\nb{x="1"} 2\n')],
  ])('are read %s', (_, bytes) => expectSame([{ body: bytes }]));

  it('are refused where they are no characters', () => {
    const [report] = mergeAll(engine, [{ body: body('caf\xe9') }], TEXT).reports;
    expect(report).toMatchObject({ ok: false, reason: 'malformed' });
    expect(report).toHaveProperty('detail', expect.stringMatching(/^line 701: label value is not UTF-8/));
  });
});
