import { failure, type Failure } from '../../domain/fetching/failure.ts';

/** The sign of a body's end (RFC 9112 section 6.3). */
type BodyFraming =
  | { readonly kind: 'length'; readonly byteLength: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

export interface ResponseHead {
  readonly status: number;
  readonly framing: BodyFraming;
  /** The server keeps the connection open, according to its headers. */
  readonly keepsAlive: boolean;
  readonly contentType: string | undefined;
  /** In lower case; several joined by commas. */
  readonly contentEncoding: string | undefined;
  readonly location: string | undefined;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9][0-9])(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const CHUNK_EXTENSION =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]*"))?$/;
const LENGTH = /^[0-9]{1,16}$/;

/** The beginning of every status line that is accepted. */
export const STATUS_LINE_START = 'HTTP/1.';

/** A response that breaks HTTP's own rules: nothing in it can be trusted. */
export function brokenResponse(detail: string): Failure {
  return failure('connection_failed', `broken HTTP response: ${detail}`);
}

/**
 * Reads the lines of a head (status line and fields, without their line ends, as Latin-1 text), as strictly as Node's own
 * llhttp: anything that two parsers could read in two ways (RFC 9112 section 11.2) is refused, not repaired.
 */
export function parseHead(lines: readonly string[]): ResponseHead | Failure {
  const [statusLine = '', ...fieldLines] = lines;
  const match = STATUS_LINE.exec(statusLine);
  if (match === null) return brokenResponse('bad status line');
  const fields = new Map<string, string>();
  for (const line of fieldLines) {
    const field = parseField(line);
    if ('reason' in field) return field;
    // llhttp reads "chunked" followed by a tab as another coding; others don't.
    if (isFramingField(field.name) && line.includes('\t')) return brokenResponse('tab in a framing field');
    const earlier = fields.get(field.name);
    if (earlier !== undefined && field.name === 'content-length') {
      return brokenResponse('more than one Content-Length');
    }
    fields.set(field.name, earlier === undefined ? field.value : `${earlier}, ${field.value}`);
  }
  const isHttp11 = match[1] === '1';
  const framing = framingOf(fields, isHttp11);
  if ('reason' in framing) return framing;
  const connection = listOf(fields.get('connection'));
  return {
    status: Number(match[2]),
    framing,
    keepsAlive: isHttp11 ? !connection.includes('close') : connection.includes('keep-alive'),
    contentType: fields.get('content-type'),
    contentEncoding: fields.get('content-encoding')?.toLowerCase(),
    location: fields.get('location'),
  };
}

/** Checks a line of the trailer section (RFC 9110 section 6.5.1), whose fields are of no use here. */
export function checkTrailer(line: string): Failure | undefined {
  const field = parseField(line);
  if ('reason' in field) return field;
  return isFramingField(field.name) ? brokenResponse('framing field in the trailer section') : undefined;
}

function parseField(line: string): { readonly name: string; readonly value: string } | Failure {
  if (line.startsWith(' ') || line.startsWith('\t')) return brokenResponse('folded header line');
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!FIELD_NAME.test(name)) return brokenResponse('bad header name');
  const value = line.slice(colon + 1);
  if (!FIELD_VALUE.test(value)) return brokenResponse('bad character in a header value');
  return { name: name.toLowerCase(), value: trimBlanks(value) };
}

/** Checks the text after the semicolon of a chunk size (RFC 9112 section 7.1.1); blanks and escapes are refused. */
export function areChunkExtensions(text: string): boolean {
  return text.split(';').every((extension) => CHUNK_EXTENSION.test(extension));
}

function isFramingField(name: string): boolean {
  return name === 'content-length' || name === 'transfer-encoding';
}

function framingOf(fields: ReadonlyMap<string, string>, isHttp11: boolean): BodyFraming | Failure {
  const coding = fields.get('transfer-encoding');
  const length = fields.get('content-length');
  if (coding !== undefined) {
    if (length !== undefined) return brokenResponse('Content-Length beside Transfer-Encoding');
    if (!isHttp11) return brokenResponse('Transfer-Encoding in HTTP/1.0');
    if (coding.toLowerCase() !== 'chunked') return brokenResponse('Transfer-Encoding other than chunked');
    return { kind: 'chunked' };
  }
  if (length === undefined) return { kind: 'until-close' };
  const byteLength = LENGTH.test(length) ? Number(length) : Infinity;
  if (byteLength > Number.MAX_SAFE_INTEGER) return brokenResponse('bad Content-Length');
  return { kind: 'length', byteLength };
}

function listOf(value: string | undefined): readonly string[] {
  return (value ?? '').toLowerCase().split(',').map(trimBlanks);
}

// No regular expression: /[ \t]+$/ is quadratic in a long run of blanks inside a value.
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
