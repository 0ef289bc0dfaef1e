import { engine, expectSame, lines } from '../../../support/exposition/engine-and-reference.ts';
import { mergeAll, OPENMETRICS, TEXT } from '../../../support/exposition/merging.ts';

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

it('a quantile may be any number: some programs write per cent', () => {
  const body = '# TYPE s summary\ns{quantile="99.9"} 1\n';
  const own = '# TYPE s summary\ns{container_name="a",quantile="99.9"} 1\n';
  expect(mergeAll(engine, [{ body }], OPENMETRICS).text).toBe(`${own}# EOF\n`);
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

describe('a series with and without a timestamp', () => {
  it('has its buckets in order behind those that are left out', () => {
    const bucket = (le: string, timestamp = ''): string => `h_bucket{le="${le}"} 1${timestamp}\n`;
    const body = `# TYPE h histogram\n${bucket('4')}${bucket('1')}${bucket('1', ' 1000')}${bucket('3')}${bucket('+Inf')}h_sum 1\nh_count 1\n`;
    const { text } = mergeAll(engine, [{ body }], OPENMETRICS);
    expect([...text.matchAll(/le="([^"]*)"/g)].map(([, le]) => le)).toEqual(['1', '3', '4', '+Inf']);
  });
});
