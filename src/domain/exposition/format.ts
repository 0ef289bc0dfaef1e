/** The format of an answer, as negotiated with the scraper. */
export interface OutputFormat {
  readonly syntax: 'text' | 'openmetrics';
  /** Are names outside the classic character set written in quotes, or escaped by underscores? */
  readonly names: 'underscores' | 'allow-utf-8';
  /** The exact Content-Type of the answer. */
  readonly contentType: string;
}

/** EXPOSITION_FORMAT: `auto` negotiates, `text` always answers text 0.0.4. */
export type FormatSetting = 'auto' | 'text';

/** How an exposition is written: what differs is in SYNTAX_RULES. */
export type Syntax = 'text' | 'openmetrics';

/** The answer where nothing else was asked for: every reader takes it. */
const TEXT_FORMAT: OutputFormat = {
  syntax: 'text',
  names: 'underscores',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
};

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const TEXT_1_0_0 = 'text/plain; version=1.0.0; charset=utf-8';

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * Chooses the format of an answer from an Accept header: the range with the highest q-value that we can serve, the
 * earlier one of equals (RFC 9110 section 12.5.1). Nothing that we can serve, or no header: text 0.0.4.
 *
 * Protobuf is never promised. `escaping` goes into the answer when it was asked for; the schemes are `allow-utf-8` and
 * `underscores`, and whoever asks for another one gets `underscores`. With the setting `text` the answer is text 0.0.4.
 */
export function negotiateFormat(accept: string | undefined, setting: FormatSetting): OutputFormat {
  let best: { readonly format: OutputFormat; readonly quality: number } | undefined;
  for (const range of parseAccept(accept ?? '')) {
    const format = formatFor(range);
    if (format === undefined || (setting === 'text' && !isText004(format))) continue;
    if (range.quality > (best?.quality ?? 0)) best = { format, quality: range.quality };
  }
  return best?.format ?? TEXT_FORMAT;
}

/**
 * Tells from a target's Content-Type how its bytes are read; undefined for what is certainly no exposition (HTML, XML,
 * JSON, protobuf). A missing or generic type means text 0.0.4; text 1.0.0 is the same syntax.
 */
export function inputSyntaxOf(contentType: string | undefined): Syntax | undefined {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/openmetrics-text') return 'openmetrics';
  return /html|xml|json|protobuf/.test(type) ? undefined : 'text';
}

function isText004(format: OutputFormat): boolean {
  return format.syntax === 'text' && format.names === 'underscores';
}

function formatFor(range: MediaRange): OutputFormat | undefined {
  const version = range.parameters.get('version');
  const escaping = range.parameters.get('escaping');
  const names = escaping === 'allow-utf-8' ? 'allow-utf-8' : 'underscores';
  const suffix = escaping === undefined ? '' : `; escaping=${names}`;
  switch (range.type) {
    case 'application/openmetrics-text':
    case 'application/*':
      if (version !== undefined && version !== '1.0.0') return undefined;
      return { syntax: 'openmetrics', names, contentType: OPENMETRICS + suffix };
    case 'text/plain':
    case 'text/*':
    case '*/*':
      if (version === '1.0.0' && names === 'allow-utf-8') {
        return { syntax: 'text', names, contentType: TEXT_1_0_0 + suffix };
      }
      if (version !== undefined && version !== '0.0.4' && version !== '1.0.0') return undefined;
      return { ...TEXT_FORMAT, contentType: appendEscaping(escaping) };
    default:
      return undefined;
  }
}

function appendEscaping(escaping: string | undefined): string {
  return escaping === undefined
    ? TEXT_FORMAT.contentType
    : `${TEXT_FORMAT.contentType}; escaping=underscores`;
}

function parseAccept(header: string): readonly MediaRange[] {
  return header.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
    const parameters = new Map(rest.map(parseParameter));
    return { type: type.toLowerCase(), parameters, quality: parseQuality(parameters.get('q')) };
  });
}

function parseParameter(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=', 2);
  return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
}

/** RFC 9110 section 12.4.2: 0 to 1, 1 where it is missing; a malformed one counts as 0. */
function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
