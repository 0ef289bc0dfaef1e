import { validateHeaderValue } from 'node:http';

import { parseGoDurationMs } from './go-duration.ts';
import { parseTlsSettings } from './parse-tls-settings.ts';
import type { RateLimit, WebConfig } from './web-config.ts';
import { parseYamlMapping, type YamlSection } from './yaml-section.ts';

/** The headers that the exporter-toolkit allows a file to set, with the allowed values (null: any). */
const HEADERS: ReadonlyMap<string, readonly string[] | null> = new Map([
  ['Content-Security-Policy', null],
  ['Strict-Transport-Security', null],
  ['X-Content-Type-Options', ['nosniff']],
  ['X-Frame-Options', ['deny', 'sameorigin']],
  ['X-XSS-Protection', null],
]);

const BCRYPT_HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const MIN_BCRYPT_COST = 4;
/** Each step doubles the time of a check; 15 takes some four seconds. */
const MAX_BCRYPT_COST = 15;

/**
 * Parses the text of a web configuration file, without reading the files that it names: these are relative to `directory`.
 * Either `mistakes` is empty or `config` is undefined.
 */
export function parseWebConfig(
  text: string,
  directory: string,
): { readonly config: WebConfig | undefined; readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const root = parseYamlMapping(text, mistakes);
  if (root === undefined) return { config: undefined, mistakes };
  const tls = parseTlsSettings(root.section('tls_server_config'), directory);
  const config = {
    tls,
    headers: parseHttpSection(root.section('http_server_config')),
    users: parseUsers(root.section('basic_auth_users')),
    rateLimit: parseRateLimit(root.section('rate_limit')),
  };
  root.refuseUnknown();
  return { config: mistakes.length === 0 ? config : undefined, mistakes };
}

function parseHttpSection(section: YamlSection): ReadonlyMap<string, string> {
  section.flag('http2'); // Allowed but without effect: only HTTP/1.1 is served, and clients negotiate.
  const headers = section.section('headers');
  const result = new Map<string, string>();
  for (const [name, value] of headers.texts()) {
    const allowed = HEADERS.get(name);
    if (allowed === undefined) {
      headers.mistake(name, `can't be set; known here: ${[...HEADERS.keys()].join(', ')}`);
    } else if (value === '') {
      continue;
    } else if (allowed !== null && !allowed.includes(value)) {
      headers.mistake(name, `"${value}" is none of ${allowed.join(', ')}`);
    } else if (isHeaderValue(name, value)) {
      result.set(name, value);
    } else {
      headers.mistake(name, 'has a character that no header can hold');
    }
  }
  section.refuseUnknown();
  return result;
}

function isHeaderValue(name: string, value: string): boolean {
  try {
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function parseUsers(section: YamlSection): ReadonlyMap<string, string> {
  const users = section.texts();
  for (const [name, hash] of users) {
    const cost = Number(BCRYPT_HASH.exec(hash)?.[1]);
    if (name.includes(':')) section.mistake(name, 'a user name of basic auth has no ":"');
    if (Number.isNaN(cost)) {
      section.mistake(name, 'is not a bcrypt hash: make one with `htpasswd -nBC 10 "" | tr -d \':\\n\'`');
    } else if (cost < MIN_BCRYPT_COST || cost > MAX_BCRYPT_COST) {
      section.mistake(name, `bcrypt cost ${cost} is not within ${MIN_BCRYPT_COST} to ${MAX_BCRYPT_COST}`);
    }
  }
  return users;
}

function parseRateLimit(section: YamlSection): RateLimit | undefined {
  const interval = section.text('interval') ?? '0';
  const burst = section.text('burst') ?? '0';
  section.refuseUnknown();
  const intervalMs = parseGoDurationMs(interval);
  if (intervalMs === undefined) section.mistake('interval', `"${interval}" is not a duration such as 1s`);
  if (!/^\d{1,9}$/.test(burst)) section.mistake('burst', `"${burst}" is not a number`);
  if (intervalMs === undefined || intervalMs === 0) return undefined;
  if (Number(burst) === 0) section.mistake('burst', 'must be at least 1, or every request is refused');
  return { intervalMs, burst: Number(burst) };
}
