import fc from 'fast-check';
import { escapedLabelValue } from '../../../src/domain/exposition/escape.ts';
import type { TestSource } from './merging.ts';

type Syntax = 'text' | 'openmetrics';

const FAMILIES = ['a', 'b', 'a_count', 'a_total', 'x:y', 'long_name_of_a_family_seconds'];
const SUFFIXES = ['', '', '_total', '_created', '_bucket', '_sum', '_count', '_info', '_gsum', '_gcount'];
const LABEL_NAMES = [
  'c',
  'd',
  'le',
  'quantile',
  'container_name',
  'exported_container_name',
  'task_id',
  'a',
  'code',
];
const UTF8_NAMES = ['a.b', 'a_b', '__name_.', 'container.name', 'é', '0', 'quote"d'];
const VALUES = [
  '',
  '1',
  '1.0',
  '+Inf',
  '0.5',
  'x',
  'GET',
  'a b',
  'q"q',
  'b\\s',
  'l\nf',
  'é✓',
  '}',
  '{',
  ',',
  ' # {',
];
const BOUNDS = ['1', '2', '5', '+Inf', ''];
const NUMBERS = [
  '0',
  '1',
  '17',
  '-1',
  '+2',
  '1.5',
  '.5',
  '5.',
  '1e3',
  '1E-300',
  '123456789.12345678',
  '12345678901234567890.5',
  '0.000000000000000017',
  'NaN',
  'nan',
  '+Inf',
  '-inf',
  'Infinity',
];
const TEXT_TIMES = ['0', '1', '1000', '001000', '1395066363012', '9223372036854775807'];
const OPENMETRICS_TIMES = [
  '0',
  '1',
  '1.0',
  '1.0004',
  '1395066363.012',
  '1e3',
  '-1',
  '-0.0001',
  '1e18',
  '12345678901234567890.5',
];
const TYPES: Record<Syntax, string[]> = {
  text: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: ['counter', 'gauge', 'histogram', 'summary', 'unknown', 'info', 'stateset', 'gaugehistogram'],
};
const HELPS = ['', 'Plain help.', 'back\\\\slash', 'line\\nfeed', 'say "hi"', 'é ✓', '\\x'];

const pick = (from: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...from);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 3 });

const metricName = fc.tuple(pick(FAMILIES), pick(SUFFIXES)).map(([family, suffix]) => family + suffix);

interface Label {
  readonly name: string;
  readonly value: string;
}

const labels = fc.uniqueArray(
  fc.record({
    name: fc.oneof({ weight: 9, arbitrary: pick(LABEL_NAMES) }, { weight: 1, arbitrary: pick(UTF8_NAMES) }),
    value: pick(VALUES),
  }),
  { selector: ({ name }: Label) => name, maxLength: 4 },
);

/** How blanks, commas and the line feeds of values are written where text leaves it open. */
interface Style {
  readonly blank: string;
  readonly comma: string;
  readonly trailing: string;
  readonly lineFeed: string;
}

const PLAIN: Style = { blank: '', comma: ',', trailing: '', lineFeed: '\\n' };
const styles: Record<Syntax, fc.Arbitrary<Style>> = {
  text: fc.oneof(
    { weight: 3, arbitrary: fc.constant(PLAIN) },
    { weight: 1, arbitrary: fc.constant({ ...PLAIN, comma: ', ' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        blank: pick(['', ' ', '\t']),
        comma: pick([',', ', ', ' ']),
        trailing: pick(['', ',']),
        lineFeed: pick(['\\n', '\n']),
      }),
    },
  ),
  openmetrics: fc.record({
    blank: fc.constant(''),
    comma: fc.constant(','),
    trailing: pick(['', '', '', ',']),
    lineFeed: fc.constant('\\n'),
  }),
};

function writtenName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : `"${escapedLabelValue(name)}"`;
}

function labelBlock(parts: readonly Label[], style: Style, quotedName?: string): string {
  const { blank, comma, trailing, lineFeed } = style;
  const texts = parts.map(({ name, value }) => {
    const text = escapedLabelValue(value).replaceAll('\\n', lineFeed);
    return `${writtenName(name)}${blank}=${blank}"${text}"`;
  });
  const all = quotedName === undefined ? texts : [`"${escapedLabelValue(quotedName)}"`, ...texts];
  const separator = quotedName === undefined ? comma : ',';
  return `{${blank}${all.join(separator)}${all.length > 0 ? trailing : ''}${blank}}`;
}

const exemplar = fc
  .record({ labels, value: pick(NUMBERS), time: maybe(pick(OPENMETRICS_TIMES)), long: fc.boolean() })
  .map(({ labels: own, value, time, long }) => {
    const all = long ? [...own, { name: 'trace', value: 'x'.repeat(110) }] : own;
    return ` # ${labelBlock(all, PLAIN)} ${value}${time === undefined ? '' : ` ${time}`}`;
  });

function sampleLine(syntax: Syntax): fc.Arbitrary<string> {
  return fc
    .record({
      name: metricName,
      quoted: maybe(pick(['a.b', 'a_total', 'my metric'])),
      labels: maybe(labels),
      value: pick(NUMBERS),
      time: maybe(pick(syntax === 'text' ? TEXT_TIMES : OPENMETRICS_TIMES)),
      exemplar: syntax === 'text' ? fc.constant(undefined) : maybe(exemplar),
      style: styles[syntax],
      isQuoted: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    })
    .map(({ name, quoted, labels: own, value, time, exemplar: example, style, isQuoted }) => {
      const quotedName = isQuoted ? (quoted ?? name) : undefined;
      const block =
        own === undefined && quotedName === undefined ? '' : labelBlock(own ?? [], style, quotedName);
      const series = quotedName === undefined ? `${name}${style.blank}${block}` : block;
      return `${series} ${style.blank}${value}${time === undefined ? '' : ` ${time}`}${example ?? ''}\n`;
    });
}

/** A whole histogram or summary, as client libraries write it; now and then with a line left out or out of place. */
function compound(syntax: Syntax): fc.Arbitrary<string> {
  return fc
    .record({
      family: pick(['a', 'h', 's']),
      type: pick(syntax === 'text' ? ['histogram', 'summary'] : ['histogram', 'summary', 'gaugehistogram']),
      metrics: fc.uniqueArray(pick(['x', 'y', 'z']), { minLength: 1, maxLength: 3 }),
      bounds: fc.subarray(
        // The fourth and the fifth are one number, which the next one is hardly above.
        ['0.1', '1', '1.0', '76.302857505267127', '76.30285750526712718', '76.30285750526714', '5e3', '+Inf'],
        { minLength: 1 },
      ),
      extra: maybe(pick(['_created', '_max', ''])),
      order: fc.infiniteStream(fc.nat()),
      isShuffled: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    })
    .map(({ family, type, metrics, bounds, extra, order, isShuffled }) => {
      const [sum, count] = type === 'gaugehistogram' ? ['_gsum', '_gcount'] : ['_sum', '_count'];
      const lines = metrics.flatMap((metric) => [
        ...bounds.map((bound) =>
          type === 'summary'
            ? `${family}{m="${metric}",quantile="${bound}"} 1`
            : `${family}_bucket{m="${metric}",le="${bound}"} 2`,
        ),
        `${family}${sum}{m="${metric}"} 3`,
        `${family}${count}{m="${metric}"} 4`,
        ...(extra === undefined ? [] : [`${family}${extra}{m="${metric}"} 5`]),
      ]);
      const keys = isShuffled ? [...order.take(lines.length)] : [];
      const keyed = lines.map((text, at) => ({ text, key: keys[at] ?? 0 }));
      const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ text }) => text);
      return `# TYPE ${family} ${type}\n${shuffled.join('\n')}\n`;
    });
}

/** Lines that are much like each other, as client libraries write them; now and then one that is spelled otherwise, or all of them. */
function similarLines(syntax: Syntax): fc.Arbitrary<string> {
  const spelling = fc.record({
    extra: fc.constantFrom([], [], [], ['z'], ['container_name'], ['z', 'container_name'], ['a.b', 'a_b']),
    style: styles[syntax],
    quoted: fc.constantFrom(undefined, undefined, undefined, 'a.b_total'),
    tail: pick(syntax === 'text' ? [' 1', '\t1', ' 1 5'] : [' 1', ' 1 5', ' 1 1e3', ' 1 # {t="x"} 2']),
  });
  const line = fc.record({
    name: pick(['h_bucket', 'h_bucket', 'h_count', 'a']),
    values: fc.tuple(pick(BOUNDS), pick(BOUNDS), pick(BOUNDS)),
    kept: fc.constantFrom(3, 3, 3, 2, 1),
    spelling,
  });
  return fc
    .record({
      isTyped: fc.boolean(),
      names: fc.shuffledSubarray(['c', 'd', 'le'], { minLength: 1 }),
      lines: fc.array(line, { minLength: 3, maxLength: 10 }),
      common: fc.option(spelling),
    })
    .map(({ isTyped, names, lines, common }) => {
      const texts = lines.map(({ name, values, kept, spelling: own }) => {
        const { extra, style, quoted, tail } = common ?? own;
        const labels = [...names.slice(0, kept), ...extra].map((label, at) => ({
          name: label,
          value: values[at % values.length] ?? '',
        }));
        return `${quoted === undefined ? name : ''}${labelBlock(labels, style, quoted)}${tail}\n`;
      });
      return `${isTyped ? '# TYPE h histogram\n' : ''}${texts.join('')}`;
    });
}

function metadataLine(syntax: Syntax): fc.Arbitrary<string> {
  const type = fc.tuple(metricName, pick(TYPES[syntax])).map(([name, word]) => `# TYPE ${name} ${word}\n`);
  const help = fc.tuple(metricName, pick(HELPS)).map(([name, text]) => `# HELP ${name} ${text}\n`);
  const unit = pick(['a_seconds seconds', 'long_name_of_a_family_seconds seconds', 'b ']).map(
    (text) => `# UNIT ${text}\n`,
  );
  const comment = pick(['# a comment\n', '#\n', '\n', '  \n', '# EOF\n']);
  return fc.oneof(
    { weight: 3, arbitrary: type },
    { weight: 2, arbitrary: help },
    syntax === 'text' ? comment : unit,
  );
}

/** A body that Prometheus takes, of few names, so that all kinds of encounters happen. */
function validBody(syntax: Syntax): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 6, arbitrary: sampleLine(syntax) },
    { weight: 3, arbitrary: metadataLine(syntax) },
    { weight: 1, arbitrary: compound(syntax) },
    { weight: 1, arbitrary: similarLines(syntax) },
  );
  const end = syntax === 'text' ? '' : '# EOF\n';
  return fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('') + end);
}

const identity = fc.constantFrom(
  undefined,
  [],
  [{ name: 'container_name', value: 'a' }],
  [
    { name: 'container_name', value: 'a' },
    { name: 'task_id', value: '1' },
  ],
  [{ name: 'container_name', value: 'q"\\\n' }],
);

/** A source with a valid body. */
export const validSource: fc.Arbitrary<TestSource> = fc
  .constantFrom<Syntax>('text', 'openmetrics')
  .chain((syntax) =>
    fc.record({
      body: validBody(syntax),
      syntax: fc.constant(syntax),
      labels: identity,
      isOwn: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    }),
  )
  .map(({ body, syntax, labels: own, isOwn }) => ({
    body,
    syntax,
    isOwn,
    ...(own === undefined ? {} : { labels: own }),
  }));

/** A body that was valid before some bytes were changed; mostly it no longer is. */
export const damagedSource: fc.Arbitrary<TestSource> = fc
  .tuple(
    validSource,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('"\\{},= \t\n\r#_a0.e+-\0\u00e9\u00ff'))), {
      maxLength: 3,
    }),
    fc.constantFrom('replace', 'insert', 'delete', 'cut'),
  )
  .map(([source, changes, kind]) => {
    const bytes = [...Buffer.from(source.body)];
    for (const [at, byte] of changes) {
      const index = at % (bytes.length + 1);
      if (kind === 'replace') bytes[Math.min(index, bytes.length - 1)] = byte;
      else if (kind === 'insert') bytes.splice(index, 0, byte);
      else if (kind === 'delete') bytes.splice(index, 1);
      else bytes.length = index;
    }
    return { ...source, body: Uint8Array.from(bytes.filter((byte) => Number.isInteger(byte))) };
  });
