import { engine, latin1, lines, samplesOf } from '../../../support/exposition/engine-and-reference.ts';
import { mergeAll, TEXT } from '../../../support/exposition/merging.ts';

describe('text 0.0.4', () => {
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
    ['a value that is not UTF-8 (Latin-1)', latin1('m{a="caf\xe9"} 1\n'), 'not UTF-8'],
    ['a quoted name that is not UTF-8', latin1('{"\xff"} 1\n'), 'not UTF-8'],
    ['HELP that is not UTF-8', latin1('# HELP m \xff\nm 1\n'), 'help is not UTF-8'],
    ['a line feed behind a backslash', 'm{a="b\\\nc"} 1\n', 'line feed after a backslash'],
    ['NUL outside a value', 'm\0 1\n', 'expected a number'],
    ['NUL in a quoted name', '{"m\0"} 1\n', 'NUL in a name or an exemplar'],
    ['a carriage return at the end (Windows)', 'm 1\r\n', 'expected a number'],
    ['a carriage return behind HELP', '# HELP m x\r\nm 1\n', 'carriage return'],
    ['a carriage return in a comment', '# x\r\nm 1\n', 'carriage return'],
    ['a byte order mark', '\ufeffm 1\n', 'expected a metric name'],
    ['HTML (a login page with status 200)', '<!DOCTYPE html>\n', 'expected a metric name'],
    ['JSON', '{"error":"no"}\n', 'expected = after'],
    ['protobuf', latin1('\x0e\n\x01m\x18\x01"\x07\t\t\0\0\0\0\0\xf0?'), 'expected a metric name'],
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
    expect(detail(latin1('\x1b[31m\xff"\\ 1\n'))).toBe(
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

it('bytes beyond ASCII are refused where they are no characters', () => {
  const body = lines(1000, (i) => `a{i="${i}",text="${i === 700 ? 'caf\xe9' : 'x y z'}"} ${i}`);
  const [report] = mergeAll(engine, [{ body: latin1(body) }], TEXT).reports;
  expect(report).toMatchObject({ ok: false, reason: 'malformed' });
  expect(report).toHaveProperty('detail', expect.stringMatching(/^line 701: label value is not UTF-8/));
});
