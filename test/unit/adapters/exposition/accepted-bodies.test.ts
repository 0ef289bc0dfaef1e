import { WasmMetricsRelabeler } from '../../../../src/adapters/exposition/wasm-metrics-relabeler.ts';
import { mergeAll, TEXT } from '../../../support/exposition/merging.ts';
import { ReferenceMetricsRelabeler } from '../../../support/exposition/reference-relabeler.ts';

type Syntax = 'text' | 'openmetrics';

const engine = new WasmMetricsRelabeler();
const reference = new ReferenceMetricsRelabeler();

/** How many samples the body has, or why it is refused. */
function samplesOf(body: string | Uint8Array, syntax: Syntax): number | string {
  const [report] = mergeAll(engine, [{ body, syntax }], TEXT).reports;
  const [expected] = mergeAll(reference, [{ body, syntax }], TEXT).reports;
  expect(report?.ok).toBe(expected?.ok);
  return report?.ok === true ? report.samples : (report?.detail ?? '');
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

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
    ['a comment that is not UTF-8', bytes('# \xff\xfe\nm{a="b"} 1\n'), 1],
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

  it.each<[story: string, body: string | Uint8Array, why: string]>([
    ['a name alone', 'm\n', 'expected a number as value'],
    ['a word as value', 'm one\n', 'expected a number as value'],
    ['a hexadecimal value', 'm 0x1\n', 'expected a number as value'],
    ['an underscore in a value', 'm 1_000\n', 'expected a number as value'],
    ['a value with an exponent that is none', 'm 1e\n', 'expected a number as value'],
    ['a dot alone', 'm .\n', 'expected a number as value'],
    ['a signed NaN', 'm +NaN\n', 'expected a number as value'],
    ['a value out of range', 'm 1e400\n', 'expected a number as value'],
    ['a value with many digits out of range', `m ${'9'.repeat(400)}\n`, 'expected a number as value'],
    ['a fraction as timestamp', 'm 1 1.5\n', 'unexpected text'],
    ['a negative timestamp', 'm 1 -1\n', 'expected milliseconds'],
    ['a timestamp out of range', 'm 1 9223372036854775808\n', 'expected milliseconds'],
    ['text behind the timestamp', 'm 1 2 3\n', 'unexpected text'],
    ['an exemplar', 'm_total 1 # {a="b"} 1\n', 'expected milliseconds'],
    ['a name that begins with a digit', '1m 1\n', 'expected a metric name'],
    ['a name with a dash', 'a-b 1\n', 'expected a number'],
    ['a name that is not ASCII', 'é 1\n', 'expected a metric name'],
    ['a label without quotes', 'm{a=b} 1\n', 'expected a quoted label value'],
    ['a label with single quotes', "m{a='b'} 1\n", 'expected a quoted label value'],
    ['a label without a value', 'm{a} 1\n', 'expected = after'],
    ['a label without a name', 'm{="b"} 1\n', 'expected a label name'],
    ['a comma alone', 'm{,} 1\n', 'expected a label name'],
    ['two commas', 'm{a="b",,c="d"} 1\n', 'expected a label name'],
    ['a brace without an end', 'm{a="b" 1\n', 'expected a label name'],
    ['a quote without an end', 'm{a="b} 1\n', 'quote without an end'],
    ['a label name with a colon', 'm{a:b="c"} 1\n', 'expected = after'],
    ['a label name twice', 'm{a="b",a="c"} 1\n', 'duplicate label name'],
    ['a label name twice, once quoted', 'm{a="b","a"="c"} 1\n', 'duplicate label name'],
    ['__name__', 'm{__name__="n"} 1\n', 'label __name__'],
    ['__name__ as the only name', '{__name__="n"} 1\n', 'expected a metric name'],
    ['two metric names', 'm{"n"} 1\n', 'metric name in the labels'],
    ['two quoted metric names', '{"m","n"} 1\n', 'metric name in the labels'],
    ['an empty quoted name', '{""} 1\n', 'empty name'],
    ['an empty quoted label name', 'm{""="b"} 1\n', 'empty name'],
    ['a value that is not UTF-8 (Latin-1)', bytes('m{a="caf\xe9"} 1\n'), 'not UTF-8'],
    ['a quoted name that is not UTF-8', bytes('{"\xff"} 1\n'), 'not UTF-8'],
    ['HELP that is not UTF-8', bytes('# HELP m \xff\nm 1\n'), 'help is not UTF-8'],
    ['a line feed behind a backslash', 'm{a="b\\\nc"} 1\n', 'line feed after a backslash'],
    ['NUL outside a value', 'm\0 1\n', 'expected a number'],
    ['NUL in a quoted name', '{"m\0"} 1\n', 'NUL in a name or an exemplar'],
    ['a carriage return at the end (Windows)', 'm 1\r\n', 'expected a number'],
    ['a carriage return behind HELP', '# HELP m x\r\nm 1\n', 'carriage return'],
    ['a carriage return in a comment', '# x\r\nm 1\n', 'carriage return'],
    ['a byte order mark', '\ufeffm 1\n', 'expected a metric name'],
    ['HTML (a login page with status 200)', '<!DOCTYPE html>\n', 'expected a metric name'],
    ['JSON', '{"error":"no"}\n', 'expected = after'],
    ['protobuf', bytes('\x0e\n\x01m\x18\x01"\x07\t\t\0\0\0\0\0\xf0?'), 'expected a metric name'],
    ['a type of OpenMetrics', '# TYPE m unknown\n', 'unknown type'],
    ['a type with a blank behind it', '# TYPE m gauge \n', 'unknown type'],
    ['TYPE without a type', '# TYPE m\n', 'unknown type'],
    ['TYPE without a name', '# TYPE \n', 'expected a metric name'],
    ['a quoted name without an end', '# TYPE "m gauge\n', 'expected a metric name'],
  ])('refuses %s', (_, body, why) => {
    expect(samplesOf(body, 'text')).toContain(why);
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

  it.each<[story: string, body: string | Uint8Array, why: string]>([
    ['a truncated body', 'm 1\n', 'no # EOF'],
    ['a body cut in a line', 'm{a="', 'quote without an end'],
    ['a line behind the end', '# EOF\nm 1\n', 'text behind # EOF'],
    ['the end twice', '# EOF\n# EOF\n', 'text behind # EOF'],
    ['a blank line at the end', '# EOF\n\n', 'text behind # EOF'],
    ['a blank line', `m 1\n\n${eof}`, 'expected a metric name'],
    ['a comment', `# x\n${eof}`, 'not a HELP, TYPE or UNIT line'],
    ['an end with a blank', 'm 1\n# EOF \n', 'not a HELP'],
    ['a tab', `m\t1\n${eof}`, 'expected a space'],
    ['two blanks', `m  1\n${eof}`, 'expected a number'],
    ['a blank at the end', `m 1 \n${eof}`, 'expected a number as timestamp'],
    ['a blank before a name', ` m 1\n${eof}`, 'expected a metric name'],
    ['a blank before a brace', `m {} 1\n${eof}`, 'expected a number as value'],
    ['blanks in the labels', `m{a="b", c="d"} 1\n${eof}`, 'expected a label name'],
    ['labels without a comma', `m{a="b"c="d"} 1\n${eof}`, 'expected a comma'],
    ['a line feed in a value', `m{a="x\ny"} 1\n${eof}`, 'quote without an end'],
    ["NUL in an exemplar's value", `m_total 1 # {a="x\0"} 1\n${eof}`, 'NUL in a name or an exemplar'],
    ["NUL behind a backslash in an exemplar's value", `m_total 1 # {a="\\\0n"} 1\n${eof}`, 'NUL in'],
    ['a timestamp that is not finite', `m 1 NaN\n${eof}`, 'expected seconds'],
    ['a timestamp in words', `m 1 now\n${eof}`, 'expected a number as timestamp'],
    ['three numbers', `m 1 2 3\n${eof}`, 'expected a timestamp or an exemplar'],
    [
      'an exemplar without a value',
      `m_total 1 # {a="b"}\n${eof}`,
      'expected a space before the exemplar value',
    ],
    ['an exemplar without labels', `m_total 1 # 1\n${eof}`, 'expected a timestamp or an exemplar'],
    ['an exemplar without a blank', `m_total 1 #{} 1\n${eof}`, 'expected a timestamp or an exemplar'],
    ['an exemplar with a metric name', `m_total 1 # {"x"} 1\n${eof}`, 'metric name in the labels'],
    ['an exemplar with an infinite timestamp', `m_total 1 # {} 1 Inf\n${eof}`, 'expected seconds'],
    ['text behind an exemplar', `m_total 1 # {} 1 2 3\n${eof}`, 'unexpected text'],
    ['untyped', `# TYPE m untyped\n${eof}`, 'unknown type'],
    ['HELP without text', `# HELP m\n${eof}`, 'expected text'],
    ['a unit that is no suffix', `# UNIT m seconds\n${eof}`, 'unit is not a suffix'],
    ['a unit that is the whole name', `# UNIT seconds seconds\n${eof}`, 'unit is not a suffix'],
    ['a native histogram', `# TYPE h histogram\nh {count:24}\n${eof}`, 'expected a number as value'],
    ['Windows line ends', '# TYPE m gauge\r\nm 1\r\n# EOF\r\n', 'carriage return'],
    ['HTML', '<html>\n', 'expected a metric name'],
  ])('refuses %s', (_, body, why) => {
    expect(samplesOf(body, 'openmetrics')).toContain(why);
  });
});

describe('a refusal', () => {
  const detail = (body: string | Uint8Array): string => {
    const [report] = mergeAll(engine, [{ body }], TEXT).reports;
    return report?.ok === false ? report.detail : 'accepted';
  };

  it('names the line and a fragment of it', () => {
    expect(detail('m 1\nn{a="x\ny"} 2\no oops\n')).toBe('line 4: expected a number as value: "o oops"');
  });

  it('shows at most 64 bytes, from shortly before the fault', () => {
    expect(detail(`m{a="${'x'.repeat(500)}",b} 1 ${'y'.repeat(500)}\n`)).toBe(
      `line 1: expected = after a label name: "${'x'.repeat(21)}\\",b} 1 ${'y'.repeat(64 - 29)}"`,
    );
  });

  it('escapes what is not printable', () => {
    expect(detail(bytes('\x1b[31m\xff"\\ 1\n'))).toBe(
      'line 1: expected a metric name: "\\x1b[31m\\xff\\"\\\\ 1"',
    );
  });

  it('names the Content-Type that can be no exposition', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false });
    const source = { labels: [], body: Buffer.from('m 1\n'), sampleLimit: 0, rank: 0 };
    expect(merge.add({ ...source, contentType: 'text/html; charset=utf-8' })).toEqual({
      ok: false,
      reason: 'unsupported_content_type',
      detail: 'Content-Type text/html; charset=utf-8 is no exposition',
    });
    merge.discard();
  });

  it('of too many samples leaves nothing behind', () => {
    const { reports, text } = mergeAll(
      engine,
      [
        { body: 'm 1\nn 2\n', sampleLimit: 2 },
        { body: 'm 1\nn 2\no 3\n', sampleLimit: 2 },
      ],
      TEXT,
    );
    expect(reports).toEqual([
      { ok: true, samples: 2 },
      { ok: false, reason: 'too_many_samples', detail: 'more than 2 samples' },
    ]);
    expect(text).not.toContain('"b"');
  });
});
