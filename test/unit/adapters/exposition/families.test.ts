import { engine, expectSame, lines } from '../../../support/exposition/engine-and-reference.ts';
import { mergeAll, OPENMETRICS, TEXT, type TestSource } from '../../../support/exposition/merging.ts';

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
