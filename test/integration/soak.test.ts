import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

describe('script/soak', () => {
  it('finds every promise kept for ten seconds in http mode', async () => {
    // Not exec mode, nor pauses: with one busy core an engine starts execs too late, or can't freeze a container, which says nothing
    // about the exporter. Both are in faults.test.ts and faults-engine.test.ts, with fewer containers.
    const args = ['--seconds', '10', '--faults', 'kill', '--modes', 'http'];
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
