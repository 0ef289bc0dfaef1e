import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

let soak: ChildProcess | undefined;

// Where its time was up, it would go on, and its engine and load with it.
afterEach(async () => {
  if (soak?.kill('SIGTERM') === true) await once(soak, 'exit');
});

describe('script/soak', () => {
  it('finds every promise kept for ten seconds in each mode', async () => {
    const child = spawn(join(import.meta.dirname, '../../script/soak'), ['--seconds', '10'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    soak = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`script/soak ended with ${code}:\n${output}`);
  }, 1_200_000);
});
