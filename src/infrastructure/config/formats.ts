import convict from 'convict';
import { isIP } from 'node:net';

import { parseCidrs } from '../../adapters/web/allow-list.ts';
import { parseDurationMs } from '../../domain/duration.ts';
import { IDENTITY_LABEL_NAMES } from '../../domain/targets/identity.ts';
import { parseByteSize } from './byte-size.ts';

/** Parses a variable's text, or throws an error whose message names the correct form. */
type Reader = (text: string) => unknown;

class FormatError extends Error {
  constructor(expected: string) {
    super(`expected ${expected}`);
  }
}

/** Our own formats: convict's `port` accepts `9x` as 9, and it has none for durations or sizes. */
const READERS: Readonly<Record<string, Reader>> = {
  text: (text) => text,
  'label-name': (text) => matching(text, /^[\x21-\x7e]+$/, 'a label name: printable ASCII without blanks'),
  'ip-address': (text) => {
    if (isIP(text) === 0) throw new FormatError('an IP address, for example 0.0.0.0 or ::1');
    return text;
  },
  'tcp-port': (text) => wholeNumber(text, 0, 65535, 'a port from 0 to 65535 (0: any free one)'),
  switch: (text) => {
    if (text !== 'on' && text !== 'off') throw new FormatError('on or off');
    return text === 'on';
  },
  'boolean-word': (text) => {
    if (text !== 'true' && text !== 'false') throw new FormatError('true or false');
    return text === 'true';
  },
  duration: (text) => duration(text),
  'positive-duration': (text) => {
    const ms = duration(text);
    if (ms === 0) throw new FormatError('a duration longer than 0');
    return ms;
  },
  count: (text) => wholeNumber(text, 0, 1e9, 'a whole number from 0'),
  'positive-count': (text) => wholeNumber(text, 1, 10_000, 'a whole number from 1 to 10000'),
  'byte-size': (text) => {
    const bytes = parseByteSize(text);
    if (bytes === undefined || bytes === 0)
      throw new FormatError('a size such as 16MiB (units B, KiB, MiB, GiB)');
    return bytes;
  },
  'identity-labels': (text) => {
    const names = list(text);
    const unknown = names.filter((name) => !(IDENTITY_LABEL_NAMES as readonly string[]).includes(name));
    if (unknown.length > 0)
      throw new FormatError(`names out of ${IDENTITY_LABEL_NAMES.join(', ')}, not ${unknown.join(', ')}`);
    if (new Set(names).size < names.length) throw new FormatError('every name once');
    return names;
  },
  'comma-list': list,
  'cidr-list': (text) => {
    const { cidrs, mistakes } = parseCidrs(text);
    if (mistakes.length > 0)
      throw new FormatError(`networks such as 10.0.0.0/8 or fd00::/8: ${mistakes.join('; ')}`);
    return cidrs;
  },
  'docker-host': (text) => {
    const expected = 'unix:///path or tcp://host:port';
    matching(text, /^(?:unix:\/\/\/.+|(?:tcp|https?):\/\/[^/?#]+\/?)$/, expected);
    // Fails for an invalid port, for example.
    if (!text.startsWith('unix:') && !URL.canParse(text)) throw new FormatError(expected);
    return text;
  },
};

/** Parses text in one of our formats, or throws an error whose message names the correct form. */
export function readAs(format: string, text: string): unknown {
  const read = READERS[format];
  if (read === undefined) throw new Error(`no such format: ${format}`);
  return read(text);
}

/** Registers the formats with convict. Calling it again does no harm. */
export function addFormats(): void {
  for (const [name, read] of Object.entries(READERS)) {
    convict.addFormat({
      name,
      // `coerce` leaves text that can't be parsed as it is: parse it again for the error.
      validate: (value: unknown) => {
        if (typeof value === 'string') read(value);
      },
      coerce: (text: string) => {
        try {
          return read(text);
        } catch {
          return text;
        }
      },
    });
  }
}

function matching(text: string, pattern: RegExp, expected: string): string {
  if (!pattern.test(text)) throw new FormatError(expected);
  return text;
}

function wholeNumber(text: string, min: number, max: number, expected: string): number {
  const number = /^(?:0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : NaN;
  if (!(number >= min && number <= max)) throw new FormatError(expected);
  return number;
}

function duration(text: string): number {
  const ms = parseDurationMs(text);
  // A JavaScript timer can't be longer than 2^31 - 1 ms (24.8 days).
  if (ms === undefined || ms > 86_400_000)
    throw new FormatError('a duration such as 10s, 500ms or 1m30s, at most 24h');
  return ms;
}

function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw new FormatError('a comma list without empty items');
  return items;
}
