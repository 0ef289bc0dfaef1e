import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Installs what `script/lib/packages` lists for a group and the machine lacks; throws where it can't, once that is said on stderr. */
export function installPackages(group: 'engine' | 'images'): void {
  const { status } = spawnSync(join(import.meta.dirname, 'install-packages'), [group], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`what this machine lacks could not be installed (${group})`);
}
