import { WasmMetricsRelabeler } from '../../../../src/adapters/exposition/wasm-metrics-relabeler.ts';
import type { Label } from '../../../../src/domain/targets/label.ts';
import {
  FORMATS,
  mergeAll,
  OPENMETRICS,
  OPENMETRICS_UTF8,
  TEXT,
  TEXT_TYPE,
  TEXT_UTF8,
  textOf,
  type TestSource,
} from '../../../support/exposition/merging.ts';
import { ReferenceMetricsRelabeler } from '../../../support/exposition/reference-relabeler.ts';

const engine = new WasmMetricsRelabeler();
const reference = new ReferenceMetricsRelabeler();

const named = (value: string, ...others: readonly Label[]): readonly Label[] => [
  { name: 'container_name', value },
  ...others,
];

function samples(sources: readonly TestSource[], format = TEXT, honorsLabels = false): string[] {
  return mergeAll(engine, sources, format, honorsLabels)
    .text.split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

describe('identity labels', () => {
  it.each<[story: string, labels: readonly Label[], body: string, expected: string]>([
    [
      'go first, in their order',
      named('x', { name: 'task_id', value: 't' }),
      'm{a="b"} 1',
      'm{container_name="x",task_id="t",a="b"} 1',
    ],
    ['are escaped', named('q"b\\l\n'), 'm 1', 'm{container_name="q\\"b\\\\l\\n"} 1'],
    ['may be UTF-8', named('größe ✓'), 'm{a="b"} 1', 'm{container_name="größe ✓",a="b"} 1'],
    ['are none without a value', [{ name: 'container_name', value: '' }], 'm 1', 'm 1'],
    ['may be none', [], 'm{a="b",} 1', 'm{a="b"} 1'],
    ['may be none, with empty braces', [], 'm{} 1', 'm 1'],
    [
      'meet a label of their name',
      named('x', { name: 'task_id', value: 't' }),
      'm{task_id="1",container_name="2"} 1',
      'm{container_name="x",task_id="t",exported_task_id="1",exported_container_name="2"} 1',
    ],
    [
      'meet an empty exported one',
      named('x'),
      'm{container_name="y",exported_container_name=""} 1',
      'm{container_name="x",exported_container_name="y"} 1',
    ],
    [
      'meet a quoted one',
      named('x'),
      '{"m","container_name"="y"} 1',
      'm{container_name="x",exported_container_name="y"} 1',
    ],
    [
      'meet an escaped one',
      named('x'),
      'm{"container.name"="y"} 1',
      'm{container_name="x",exported_container_name="y"} 1',
    ],
  ])('%s', (_, labels, body, expected) => {
    expect(samples([{ body: `${body}\n`, labels }])).toEqual([expected]);
  });

  it.each<[story: string, body: string, expected: string]>([
    ['keeps the target’s own value', 'm{container_name="y",a="b"} 1', 'm{container_name="y",a="b"} 1'],
    ['keeps an empty one: the label is absent', 'm{container_name=""} 1', 'm{container_name=""} 1'],
    ['adds ours where there is none', 'm 1', 'm{container_name="a"} 1'],
  ])('with HONOR_LABELS: %s', (_, body, expected) => {
    expect(samples([{ body }], TEXT, true)).toEqual([expected]);
  });
});

describe('names outside the classic character set', () => {
  const body = '# TYPE "my.metric" counter\n{"my.metric","a.b"="c",d="e"} 1\nn{"f"="g"} 2\n';
  it.each([
    [
      TEXT,
      'my_metric{container_name="a",a_b="c",d="e"} 1',
      'n{container_name="a",f="g"} 2',
      '# TYPE my_metric counter',
    ],
    [
      TEXT_UTF8,
      '{"my.metric",container_name="a","a.b"="c",d="e"} 1',
      'n{container_name="a",f="g"} 2',
      '# TYPE "my.metric" counter',
    ],
    [
      OPENMETRICS_UTF8,
      '{"my.metric",container_name="a","a.b"="c",d="e"} 1',
      'n{container_name="a",f="g"} 2',
      '# TYPE "my.metric" unknown',
    ],
  ])('go out as the format has it: $contentType', (format, ...expected) => {
    const { text } = mergeAll(engine, [{ body }], format);
    expect(text.split('\n')).toEqual(expect.arrayContaining([...expected]));
  });

  it('keep a unit that has such characters too', () => {
    const sources: TestSource[] = [{ body: '# UNIT "a_µs" µs\n{"a_µs"} 1\n# EOF\n', syntax: 'openmetrics' }];
    expect(mergeAll(engine, sources, OPENMETRICS_UTF8).text).toBe(
      '# TYPE "a_µs" unknown\n# UNIT "a_µs" µs\n{"a_µs",container_name="a"} 1\n# EOF\n',
    );
    expect(mergeAll(engine, sources, OPENMETRICS).text).not.toContain('UNIT');
  });

  it('meet under one name after escaping, and then follow the rules for that name', () => {
    const sources = [{ body: '# TYPE "a.b" gauge\n{"a.b"} 1\n' }, { body: '# TYPE a_b counter\na_b 2\n' }];
    const { text, conflicts } = mergeAll(engine, sources, TEXT);
    expect(text).toBe('# TYPE a_b untyped\na_b{container_name="a"} 1\na_b{container_name="b"} 2\n');
    expect(conflicts).toEqual([{ family: 'a_b', types: ['gauge', 'counter'] }]);
    expect(mergeAll(engine, sources, TEXT_UTF8).conflicts).toEqual([]);
  });

  it.each([TEXT, OPENMETRICS])('never become the label of the metric name: $contentType', (format) => {
    const body = '# TYPE x counter\nx_total{"__name_."="evil"} 1 # {"._name__"="t"} 1\n# EOF\n';
    const [line] = samples([{ body, syntax: 'openmetrics' }], format);
    const exemplar = format === TEXT ? '' : ' # {exported___name__="t"} 1';
    expect(line).toBe(`x_total{container_name="a",exported___name__="evil"} 1${exemplar}`);
  });

  it.each([
    [9, 0],
    [10, 1],
    [20_000, 1],
  ])('are left out where too many meet in one sample: %i labels', (count, unrepresentable) => {
    const labels = Array.from({ length: count }, (_, i) => `"${String.fromCodePoint(0x1_00_00 + i)}"="x"`);
    const merged = mergeAll(engine, [{ body: `a{${labels.join()}} 1\nb 1\n` }], TEXT);
    expect(merged.unrepresentable).toBe(unrepresentable);
    expect(merged.text.includes('a{')).toBe(unrepresentable === 0);
    expect(merged.text).toContain('b{container_name="a"} 1\n');
  });

  it('are named in a conflict as they are', () => {
    const sources = [{ body: '# TYPE "é" gauge\n{"é"} 1\n' }, { body: '# TYPE "é" counter\n{"é"} 2\n' }];
    expect(mergeAll(engine, sources, TEXT_UTF8).conflicts).toEqual([
      { family: 'é', types: ['gauge', 'counter'] },
    ]);
  });
});

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
    expect(samples([{ body }])).toEqual(kept);
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
    expect(samples(sources, TEXT, honorsLabels)).toEqual(kept);
    expect(mergeAll(engine, sources, TEXT, honorsLabels).duplicateSamples).toBe(1);
  });
});

describe('a bound that is empty', () => {
  // In the engine and beside it; behind a line that differs in this value alone, and as the first one.
  it.each([
    ['# TYPE h histogram\nh_bucket{le=""} 1\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n', 'h_bucket'],
    ['# TYPE h histogram\nh_bucket{a="b",le="1"} 1\nh_bucket{a="b",le=""} 2\n', 'h_bucket'],
    ['# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count{le="",} 1\n', 'h_bucket'],
    [
      '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count{le="",exported_container_name="x",container_name="y"} 1\n',
      'h_bucket',
    ],
    ['# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile=""} 1\n', 's'],
    ['# TYPE s summary\ns{quantile="0.5"} 1\ns_sum{quantile=""} 1\n', 's'],
  ])('demotes the family in text: %j', (body, untyped) => {
    expect(mergeAll(engine, [{ body }], TEXT).text).toContain(`# TYPE ${untyped} untyped\n`);
  });

  it('is no quantile, which sum and count need not have in OpenMetrics', () => {
    const body = '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum{quantile=""} 1\n';
    expect(mergeAll(engine, [{ body }], OPENMETRICS).text).toContain('# TYPE s summary\n');
  });
});

describe('families of our own', () => {
  it('go first and keep type and samples against any target', () => {
    const own =
      '# TYPE own_total counter\nown_total{container_name="a"} 1\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n';
    const sources: TestSource[] = [
      { body: '# TYPE x gauge\nx 1\n# TYPE own_total gauge\nown_total 5\n# TYPE h gauge\nh 6\n' },
      { body: own, labels: [], isOwn: true },
    ];
    const { text, conflicts, duplicateSamples, unrepresentable } = mergeAll(engine, sources, OPENMETRICS);
    expect(text).toBe(
      '# TYPE own counter\nown_total{container_name="a"} 1\n' +
        '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n' +
        '# TYPE x gauge\nx{container_name="a"} 1\n# EOF\n',
    );
    expect(conflicts.map(({ family }) => family)).toEqual(['own_total', 'h']);
    // own_total of the target equals ours; h has no place beside a histogram h.
    expect([duplicateSamples, unrepresentable]).toEqual([1, 1]);
  });

  it.each([
    ['a bound that is no number', TEXT, 'h_bucket{le="x"} 1\nh_sum 1\n', 2],
    ['a bound that is no number', OPENMETRICS, 'h_bucket{le="x"} 1\nh_sum 1\n', 2],
    ['a bucket without a bound', OPENMETRICS, 'h_bucket 1\n', 1],
    ['a count alone', OPENMETRICS, 'h_count 1\n', 1],
    ['both with and without a timestamp', OPENMETRICS, 'h_count 1\nh_count 1 1000\n', 2],
  ])('keep their structure against a target’s %s', (_, format, body, unrepresentable) => {
    const own = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n';
    const merged = mergeAll(
      engine,
      [{ body: `${body}x 1\n` }, { body: own, labels: [], isOwn: true }],
      format,
    );
    expect(merged.text.replace(/^#.*\n/gm, '')).toBe(
      'h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\nx{container_name="a"} 1\n',
    );
    expect(merged.text).toContain('# TYPE h histogram\n');
    expect(merged.unrepresentable).toBe(unrepresentable);
  });

  it('take in what fits', () => {
    const whole = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n';
    const sources = [{ body: whole }, { body: whole, labels: [], isOwn: true }];
    const { text, unrepresentable } = mergeAll(engine, sources, OPENMETRICS);
    expect(text).toContain('h_count 1\nh_bucket{container_name="a",le="+Inf"} 1\n');
    expect(unrepresentable).toBe(0);
  });
});

describe('a series with and without a timestamp', () => {
  it.each([
    ['# TYPE m gauge\nm 1 1000\nm 2\n', '# TYPE m gauge\nm{container_name="a"} 2\n'],
    [
      '# TYPE m_total counter\nm_total 1\nm_total 2 1000\n',
      '# TYPE m counter\nm_total{container_name="a"} 1\n',
    ],
    [
      'm{b="1",a="2"} 1 1000\nm{a="2",b="1",c=""} 2\n',
      '# TYPE m unknown\nm{container_name="a",a="2",b="1",c=""} 2\n',
    ],
  ])('keeps the latter in OpenMetrics: %j', (body, expected) => {
    const { text, unrepresentable } = mergeAll(engine, [{ body }], OPENMETRICS);
    expect(text).toBe(`${expected}# EOF\n`);
    expect(unrepresentable).toBe(1);
    expect(mergeAll(engine, [{ body }], TEXT).unrepresentable).toBe(0);
  });

  it('has its buckets in order behind those that are left out', () => {
    const bucket = (le: string, timestamp = ''): string => `h_bucket{le="${le}"} 1${timestamp}\n`;
    const body = `# TYPE h histogram\n${bucket('4')}${bucket('1')}${bucket('1', ' 1000')}${bucket('3')}${bucket('+Inf')}h_sum 1\nh_count 1\n`;
    const { text } = mergeAll(engine, [{ body }], OPENMETRICS);
    expect([...text.matchAll(/le="([^"]*)"/g)].map(([, le]) => le)).toEqual(['1', '3', '4', '+Inf']);
  });
});

it('a quantile may be any number: some programs write per cent', () => {
  const body = '# TYPE s summary\ns{quantile="99.9"} 1\n';
  const own = '# TYPE s summary\ns{container_name="a",quantile="99.9"} 1\n';
  expect(mergeAll(engine, [{ body }], OPENMETRICS).text).toBe(`${own}# EOF\n`);
});

describe('what a format can’t hold', () => {
  it('is left out and counted', () => {
    const body = 'm 1 -1\nm 2 1e18\nm 3 2\nx_total 1 # {t="1"} 1\n# EOF\n';
    const text = mergeAll(engine, [{ body, syntax: 'openmetrics' }], TEXT);
    expect(text.unrepresentable).toBe(2);
    expect(text.text).toContain('m{container_name="a"} 3 2000\n');
    const openMetrics = mergeAll(engine, [{ body, syntax: 'openmetrics' }], OPENMETRICS);
    // An untyped family has no exemplars.
    expect(openMetrics.unrepresentable).toBe(1);
    expect(openMetrics.text).toContain('x_total{container_name="a"} 1\n');
  });

  it.each([
    ['128 characters', `a="${'✓'.repeat(127)}"`, true],
    ['129 characters', `a="${'✓'.repeat(128)}"`, false],
    ['an escape counts once', `a="${'\\"'.repeat(127)}"`, true],
    ['a label twice', 'a="1",a="2"', false],
  ])('an exemplar of %s', (_, labels, stays) => {
    const body = `# TYPE x counter\nx_total 1 # {${labels}} 1\n# EOF\n`;
    const { text, unrepresentable } = mergeAll(engine, [{ body, syntax: 'openmetrics' }], OPENMETRICS);
    expect(text.includes(' # {')).toBe(stays);
    expect(unrepresentable).toBe(stays ? 0 : 1);
  });

  it('is the exemplar of a family that a conflict has demoted', () => {
    const sources: TestSource[] = [
      { body: '# TYPE x counter\nx_total{a="} # {"} 1 5 # {t="1"} 1\n# EOF\n', syntax: 'openmetrics' },
      { body: '# TYPE x_total gauge\nx_total 2\n' },
    ];
    const { text, unrepresentable } = mergeAll(engine, sources, OPENMETRICS);
    expect(text).toBe(
      '# TYPE x_total unknown\nx_total{container_name="a",a="} # {"} 1 5\nx_total{container_name="b"} 2\n# EOF\n',
    );
    expect(unrepresentable).toBe(1);
  });
});

describe('a merge', () => {
  it('puts sources in order of rank, whatever order they come in', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false });
    for (const rank of [2, 0, 1]) {
      const body = Buffer.from(`# HELP m From ${rank}.\nm 1\nonly_${rank} 1\n`);
      merge.add({ labels: named(String(rank)), body, contentType: TEXT_TYPE, sampleLimit: 0, rank });
    }
    expect(textOf(merge.finish())).toBe(
      '# HELP m From 0.\n# TYPE m untyped\n' +
        [0, 1, 2].map((rank) => `m{container_name="${rank}"} 1\n`).join('') +
        [0, 1, 2]
          .map((rank) => `# TYPE only_${rank} untyped\nonly_${rank}{container_name="${rank}"} 1\n`)
          .join(''),
    );
  });

  it('needs a body no longer than `add` takes', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false });
    const body = Buffer.from('m{a="b"} 1\n');
    merge.add({ labels: [], body, contentType: TEXT_TYPE, sampleLimit: 0, rank: 0 });
    body.fill(0x78);
    expect(textOf(merge.finish())).toBe('# TYPE m untyped\nm{a="b"} 1\n');
  });

  it('keeps its answer until it is released, while others go on', () => {
    const first = engine.start({ format: TEXT, honorsLabels: false });
    first.add({
      labels: named('first'),
      body: Buffer.from('m 1\n'),
      contentType: TEXT_TYPE,
      sampleLimit: 0,
      rank: 0,
    });
    const answer = first.finish();
    const second = mergeAll(engine, [{ body: 'n 2\n'.repeat(100) }], TEXT);
    expect(textOf(answer)).toBe('# TYPE m untyped\nm{container_name="first"} 1\n');
    expect(second.text).toBe('# TYPE n untyped\nn{container_name="a"} 2\n');
    answer.release();
    answer.release();
    expect(mergeAll(engine, [{ body: 'o 3\n' }], TEXT).text).toBe(
      '# TYPE o untyped\no{container_name="a"} 3\n',
    );
  });

  it('is done after it has been finished or discarded', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false });
    merge.discard();
    merge.discard();
    expect(() => merge.finish()).toThrow('the merge is done');
    expect(() =>
      merge.add({ labels: [], body: Buffer.alloc(0), contentType: undefined, sampleLimit: 0, rank: 0 }),
    ).toThrow('the merge is done');
  });

  it.each(FORMATS)('without sources is empty: $contentType', (format) => {
    expect(mergeAll(engine, [], format).text).toBe(format.syntax === 'text' ? '' : '# EOF\n');
  });

  it('counts its bytes', () => {
    const merge = engine.start({ format: OPENMETRICS, honorsLabels: false });
    merge.add({
      labels: named('ü'),
      body: Buffer.from('m 1\n'),
      contentType: undefined,
      sampleLimit: 0,
      rank: 0,
    });
    const merged = merge.finish();
    expect(merged.byteLength).toBe(Buffer.byteLength(textOf(merged)));
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

describe('merges at the same time', () => {
  it("don't touch each other, and neither do those that take over their memory", () => {
    const merging = (value: string): ReturnType<typeof engine.start> => {
      const merge = engine.start({ format: TEXT, honorsLabels: false });
      const body = Buffer.from(`# TYPE ${value} gauge\n${value}{i="1"} 1\n`);
      merge.add({ labels: named(value), body, contentType: TEXT_TYPE, sampleLimit: 0, rank: 0 });
      return merge;
    };
    for (let round = 0; round < 3; round++) {
      const names = ['a', 'b', 'c'].map((name) => `${name}${round}`);
      const answers = names.map(merging).map((merge) => merge.finish());
      expect(answers.map(textOf)).toEqual(
        names.map((name) => `# TYPE ${name} gauge\n${name}{container_name="${name}",i="1"} 1\n`),
      );
      for (const answer of answers) answer.release();
    }
  });
});
