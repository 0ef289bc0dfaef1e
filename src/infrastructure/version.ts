import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version in package.json. Its folder is above this file in `src`, in `dist` and in the bundle, at different depths. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error('package.json is missing');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
