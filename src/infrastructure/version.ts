import { readFileSync } from 'node:fs';

/** The version out of package.json, two folders up from here in `src` and in `dist` alike. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
