import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { PROJECT } from '../../../support/markdown.ts';
import { samples } from '../../../support/scrape.ts';

interface Outcome {
  readonly imported: { readonly listeners: readonly string[]; readonly resources: readonly string[] };
  readonly read: readonly string[];
  readonly status: number;
  readonly text: string;
}

const PROGRAM = join(PROJECT, 'test/support/library/embedding-program.ts');
// A handle that keeps the process alive would do so for ever.
const HANG_MS = 120_000;

describe('a program that embeds the exporter', () => {
  let outcome: Outcome;
  let complaints: string;

  beforeAll(async () => {
    // Rejects if the program has to be killed.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM], {
      timeout: HANG_MS,
      env: { PATH: process.env['PATH'], TARGET_TIMEOUT: 'nonsense', HTTP_LISTEN_PORT: 'nonsense' },
    });
    outcome = JSON.parse(stdout) as Outcome;
    complaints = stderr;
  }, 2 * HANG_MS);

  it("scrapes parts in memory through a foreign Koa app's /internal, stops and ends by itself", () => {
    expect(outcome.status).toBe(200);
    expect(samples(outcome.text, 'orders_total')).toEqual(['orders_total{container_name="checkout"} 3']);
  });

  it('prints nothing', () => expect(complaints).toBe(''));

  it('has installed no listener and opened nothing by importing', () =>
    expect(outcome.imported).toEqual({ listeners: [], resources: [] }));

  it('reads no environment', () => expect(outcome.read).toEqual([]));
});
