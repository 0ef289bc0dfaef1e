import { engine, sampleLines } from '../../../support/exposition/engine-and-reference.ts';
import {
  mergeAll,
  OPENMETRICS,
  OPENMETRICS_UTF8,
  TEXT,
  TEXT_UTF8,
  type TestSource,
} from '../../../support/exposition/merging.ts';

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
    const [line] = sampleLines([{ body, syntax: 'openmetrics' }], format);
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
