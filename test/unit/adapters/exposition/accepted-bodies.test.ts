import {
  engine,
  expectSame,
  latin1,
  lines,
  reference,
  samplesOf,
} from '../../../support/exposition/engine-and-reference.ts';
import { mergeAll, TEXT } from '../../../support/exposition/merging.ts';

describe('text 0.0.4', () => {
  it.each<[story: string, body: string | Uint8Array, samples: number]>([
    ['nothing', '', 0],
    ['a line', 'm 1\n', 1],
    ['no line feed at the end (a hand-written health page)', 'm{a="b"} 1', 1],
    ['no line feed at the end of a comment', '# cut off', 0],
    ['blank lines', '\n\n  \n\t\nm 1\n\n', 1],
    ['blanks before a name (templates indent)', '  \tm 1\n', 1],
    ['blanks everywhere', 'm\t{ a\t= "b" ,c = "d" }\t 1 \t 2  \n', 1],
    ['no blank before the value', 'm{a="b"}1\n', 1],
    ['a sign right behind the name', 'm+1\nn-2\n', 2],
    ['empty braces', 'm{} 1\n', 1],
    ['blank braces', 'm{ } 1\n', 1],
    ['a comma behind the last label (jmx_exporter)', 'm{a="b",} 1\n', 1],
    ['no comma between labels', 'm{a="b"c="d"} 1\n', 1],
    ['an empty label value', 'm{a=""} 1\n', 1],
    ['syntax inside a value', 'm{a="} 2",b="{",c="# EOF",d=",e="} 1\n', 1],
    ['escapes', 'm{a="\\\\\\"\\n"} 1\n', 1],
    ['a Windows path (mssql_exporter)', 'm{a="C:\\dir"} 1\n', 1],
    ['a line feed in a value', 'm{a="x\ny"} 1\n', 1],
    ['a carriage return in a value', 'm{a="x\ry"} 1\n', 1],
    ['NUL in a value', 'm{a="x\0y"} 1\n', 1],
    ['UTF-8 in a value', 'm{a="ünï ✓ 🚀"} 1\n', 1],
    ['a byte order mark in a value', 'm{a="\ufeff"} 1\n', 1],
    ['colons in a metric name', ':a:b 1\n', 1],
    ['very many labels', `m{${Array.from({ length: 1000 }, (_, i) => `l${i}="${i}"`).join()}} 1\n`, 1],
    ['a very long value', `m{a="${'x'.repeat(3_000_000)}"} 1\n`, 1],
    ['a very long name', `${'m'.repeat(100_000)} 1\n`, 1],
    ['# EOF is a comment', '# EOF\nm 1\n# EOF\nn 1\n', 2],
    ['comments', '#\n# \n#x\n## HELP m x\n#TYPE m nonsense\n# TYPEm\n# HELPER\n# HELP\nm 1\n', 1],
    ['a comment that is not UTF-8', latin1('# \xff\xfe\nm{a="b"} 1\n'), 1],
    ['HELP without text', '# HELP m\n# HELP n \nm 1\n', 1],
    ['HELP and TYPE with tabs', '#\tHELP\tm\tx\n#\tTYPE\tm\tgauge\nm 1\n', 1],
    ['metadata twice', '# HELP m x\n# HELP m y\n# TYPE m gauge\n# TYPE m counter\nm 1\n', 1],
    ['metadata behind the samples', 'm 1\n# TYPE m gauge\n', 1],
    ['a quoted name', '{"my.metric",a="b"} 1\n{a="b","m"} 2\n{"m"} 3\n', 3],
    ['a quoted label name', 'm{"a.b"="c"} 1\n', 1],
    ['a quoted name with escapes', '{"q\\"\\\\\\n"} 1\n', 1],
    ['a timestamp', 'm 1 1395066363000\nn 1 0\no 1 9223372036854775807\n', 3],
    [
      'all spellings of numbers',
      [
        '0',
        '+1',
        '-1',
        '1.',
        '.5',
        '1e3',
        '1E-3',
        '1e+30',
        '007',
        'NaN',
        'nan',
        'Inf',
        '+inf',
        '-INF',
        'Infinity',
        '-infinity',
        '1e308',
        '1e-400',
      ]
        .map((n) => `m{n="${n}"} ${n}\n`)
        .join(''),
      18,
    ],
  ])('takes %s', (_, body, samples) => {
    expect(samplesOf(body, 'text')).toBe(samples);
  });
});

describe('OpenMetrics 1.0.0', () => {
  const eof = '# EOF\n';
  it.each<[story: string, body: string | Uint8Array, samples: number]>([
    ['nothing (Prometheus takes an empty body)', '', 0],
    ['the end alone', eof, 0],
    ['the end without a line feed', 'm 1\n# EOF', 1],
    ['labels', `m{a="b",c="d"} 1\n${eof}`, 1],
    ['empty braces', `m{} 1\n${eof}`, 1],
    ['a comma behind the last label', `m{a="b",} 1\n${eof}`, 1],
    ['timestamps in seconds', `m 1 1395066363.123\nn 1 1e9\no 1 -1.5\np 1 .5\nq 1 5.\nr 1 9e300\n${eof}`, 6],
    [
      'exemplars',
      `m_total 1 # {} 1\nn_total 1 2 # {a="b"} 0.5 1.5\no_bucket 1 # {a="b",c="# {"} NaN\n${eof}`,
      3,
    ],
    ['an exemplar where none may be', `m 1 # {a="b"} 1\n${eof}`, 1],
    ['an exemplar with a quoted label name', `m_total 1 # {"a.b"="c"} 1\n${eof}`, 1],
    [
      'every type',
      `${['counter', 'gauge', 'histogram', 'summary', 'info', 'stateset', 'gaugehistogram', 'unknown'].map((type) => `# TYPE ${type} ${type}\n`).join('')}${eof}`,
      0,
    ],
    ['metadata', `# HELP m_s \n# HELP m_s x\n# TYPE m_s gauge\n# UNIT m_s s\n# UNIT n \nm_s 1\n${eof}`, 1],
    ['quoted names', `# TYPE "a.b" counter\n{"a.b_total","c.d"="e"} 1\n${eof}`, 1],
    ['odd values', `# TYPE m counter\nm_total -1\n# TYPE i info\ni_info 2\n${eof}`, 2],
    ['NUL in HELP', `# HELP m x\0y\n${eof}`, 0],
    ['NUL in a value', `m{a="\0"} 1\n${eof}`, 1],
  ])('takes %s', (_, body, samples) => {
    expect(samplesOf(body, 'openmetrics')).toBe(samples);
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
});
