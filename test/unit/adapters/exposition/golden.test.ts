import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { engine } from '../../../support/exposition/engine-and-reference.ts';
import { mergeAll, OPENMETRICS, TEXT, type TestSource } from '../../../support/exposition/merging.ts';

const ROOT = join(import.meta.dirname, '../../../golden');
const CASES = readdirSync(ROOT).sort();

/** `UPDATE_GOLDEN=1 npm run test:unit -- --testPathPatterns golden` writes what comes out; look at the difference then. */
const UPDATES = process.env['UPDATE_GOLDEN'] === '1';

/** One source for each file: its name is the container's, `.om` is OpenMetrics. */
function sources(folder: string): TestSource[] {
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      body: readFileSync(join(folder, file)),
      syntax: extname(file) === '.om' ? 'openmetrics' : 'text',
      labels: [{ name: 'container_name', value: basename(file, extname(file)) }],
    }));
}

describe.each(CASES)('%s', (name) => {
  it.each([
    ['merged.prom', TEXT],
    ['merged.om', OPENMETRICS],
  ])('comes out as in %s', (file, format) => {
    const path = join(ROOT, name, file);
    const { text } = mergeAll(engine, sources(join(ROOT, name, 'in')), format);
    if (UPDATES) writeFileSync(path, text);
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(text);
  });
});
