/** One port and path of a target, from its label. */
export interface Endpoint {
  /** 1 to 65535. */
  readonly port: number;
  /** Path with its query: begins with a slash, printable ASCII only. */
  readonly path: string;
}

/** A part of a label value that is never fetched. */
export interface InvalidEndpoint {
  /** The part of the label as it was written, shortened and made printable. */
  readonly text: string;
  /** What is wrong with it and how to spell it instead. */
  readonly reason: string;
}

export interface ParsedEndpoints {
  readonly valid: readonly Endpoint[];
  readonly invalid: readonly InvalidEndpoint[];
}

const SPELLING = 'write PORT/path, for example 9100/metrics';
const MAX_SHOWN_CHARACTERS = 80;

// RFC 3986 section 3.3 (pchar and "/") and 3.4 (query), plus "[" and "]" in queries such as collect[]=cpu.
const PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+;=:@/]|%[0-9A-Fa-f]{2})*$/;
const QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+;=:@/?[\]]|%[0-9A-Fa-f]{2})*$/;
const PART = /^([^/?#]*)(?:(\/[^?#]*)(?:\?([^#]*))?)?$/;

/**
 * Reads the value of the label that marks a target: `PORT/path[?query]`, several separated by commas.
 *
 * `PORT` alone means `/metrics`; blanks around a part are ignored; the same endpoint twice counts once; a comma inside a
 * path is written `%2C`. Label text is untrusted: nothing in it can choose a host, so anything that is not this grammar
 * is returned as invalid, with a reason, while the other parts stay valid.
 */
export function parseEndpoints(labelValue: string): ParsedEndpoints {
  const valid = new Map<string, Endpoint>();
  const invalid: InvalidEndpoint[] = [];
  for (const part of labelValue.split(',')) {
    const text = trimBlanks(part);
    const parsed = parseEndpoint(text);
    if (typeof parsed === 'string') invalid.push({ text: printable(text), reason: parsed });
    else valid.set(endpointKey(parsed), parsed);
  }
  return { valid: [...valid.values()], invalid };
}

/** The endpoint as a label has it: `9100/metrics`. */
export function endpointKey(endpoint: Endpoint): string {
  return `${endpoint.port}${endpoint.path}`;
}

function parseEndpoint(text: string): Endpoint | string {
  if (text === '') return `empty: ${SPELLING}`;
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f]/.test(text))
    return `has a blank or control character: ${SPELLING}, other characters as %XX`;
  if (/[^\u0021-\u007e]/.test(text))
    return 'has a character outside ASCII: write it as %XX of its UTF-8 bytes';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return `is a URL: the host is always the container itself, ${SPELLING}`;
  if (text.includes('#')) return 'has a fragment (#…): a fragment is never sent, leave it out';
  const match = PART.exec(text);
  if (match === null) return `has no path before the query: ${SPELLING}?query`;
  const [, portText = '', path = '/metrics', query] = match;
  const port = parsePort(portText);
  if (typeof port === 'string') return port;
  if (path.startsWith('//')) return `has a path that begins with two slashes: ${SPELLING}`;
  if (!PATH.test(path)) return `has a character that RFC 3986 doesn't allow in a path: write it as %XX`;
  if (query !== undefined && !QUERY.test(query)) {
    return `has a character that RFC 3986 doesn't allow in a query: write it as %XX`;
  }
  return { port, path: query === undefined ? path : `${path}?${query}` };
}

function parsePort(text: string): number | string {
  if (text === '') return `has no port: ${SPELLING}`;
  if (/^[0-9]+@/.test(text))
    return `names a host after the port: the host is always the container itself, ${SPELLING}`;
  if (/^[^0-9]*:[0-9]+$/.test(text))
    return `names a host: the host is always the container itself, ${SPELLING}`;
  if (!/^(?:0|[1-9][0-9]{0,4})$/.test(text))
    return `has a port that is not a plain decimal number: ${SPELLING}`;
  const port = Number(text);
  if (port < 1 || port > 65535) return `has a port outside 1 to 65535: ${SPELLING}`;
  return port;
}

// Not a regular expression: /[ \t]+$/ takes quadratic time on a long run of blanks inside the text.
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function printable(text: string): string {
  const shown = text.replace(/[^\u0020-\u007e]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return shown.length > MAX_SHOWN_CHARACTERS ? `${shown.slice(0, MAX_SHOWN_CHARACTERS - 1)}…` : shown;
}
