import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

describe('script/soak', () => {
  it('finds every promise kept for ten seconds in each mode', async () => {
    // Paused targets are in faults.test.ts: an engine that fails to pause one would fail this test now and then.
    const args = ['--seconds', '10', '--faults', 'kill'];
    const soak = spawn(join(import.meta.dirname, '../../script/soak'), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [soak.stdout, soak.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(soak, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`script/soak ended with ${code}:\n${output}`);
  }, 420_000);
});
