import { spawnSync } from 'node:child_process';

/** Runs promtool and returns all that it printed; throws with its output where it fails. */
export function promtool(args: readonly string[], input = ''): string {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error('promtool is missing: apt-get install --no-install-recommends prometheus', {
      cause: error,
    });
  }
  if (status !== 0) throw new Error(`promtool ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}
