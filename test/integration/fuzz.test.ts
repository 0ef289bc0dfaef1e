import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

describe('script/fuzz', () => {
  it('finds no difference between the engine and the reference in ten seconds', async () => {
    const fuzz = spawn(join(import.meta.dirname, '../../script/fuzz'), ['10', '1'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [fuzz.stdout, fuzz.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(fuzz, 'exit')) as [number | null];
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringMatching(/^seed \d+, 10 s\n[1-9]\d* executions, 0 finds\n$/) as string,
    });
  });
});
