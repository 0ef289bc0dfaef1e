import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const BENCH = join(import.meta.dirname, '../../bench');

/** Runs a benchmark with few rounds; fails where it exits with anything but 0. */
function run(file: string, ...args: string[]): string {
  return execFileSync(process.execPath, [join(BENCH, file), ...args], { encoding: 'utf8', stdio: 'pipe' });
}

// What is promised is in docs/performance.md. These limits are far from it: a busy machine must not fail for being busy, but a scan
// that has become quadratic, or a merge that is left to the slow way, must.
it('a merge takes no more than 40 times a copy, and not much longer than twice as long for twice as much', () => {
  const limits = ['--max-ratio', '40', '--max-growth', '3.5'];
  const table = run('engine.ts', '--rounds', '7', '--targets', '5', ...limits);
  expect(table).toMatch(/50 × 2000/);
});

it('the whole exporter takes no more than 8 times as long as a null merger', () => {
  const table = run('exporter.ts', '--rounds', '8', '--load', '50x2000', '--max-ratio', '8');
  expect(table).toMatch(/null merger/);
});

it('the exporter keeps to the memory of small containers', () => {
  const table = run('containers.ts', '--rounds', '5');
  expect(table).toMatch(/4 × 250000/);
});
