import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Installs the packages that `script/lib/packages` lists for a group and the machine lacks. If it can't, writes why to stderr and throws. */
export function installPackages(group: 'engine' | 'images'): void {
  const { status } = spawnSync(join(import.meta.dirname, 'install-packages'), [group], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`what this machine lacks could not be installed (${group})`);
}
