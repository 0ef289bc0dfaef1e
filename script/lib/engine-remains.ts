import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hasEnded, ownIdentity, processStat } from './process-identity.ts';

/** The folder for private engines' folders: on a disk, with a path short enough for sockets. */
export const ENGINE_FOLDERS = '/var/tmp';
const PREFIX = 'ecs-metrics-engine-';

/** Records this process as the owner of an engine's folder: once it has ended, the folder is abandoned. */
export function writeOwner(folder: string): void {
  writeFileSync(join(folder, 'owner'), ownIdentity());
}

/** Removes the remains of engines whose runs were killed: processes, mounts, bridges, folders. Returns their folders. */
export async function removeAbandonedEngines(): Promise<string[]> {
  const removed: string[] = [];
  for (const name of readdirSync(ENGINE_FOLDERS).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(ENGINE_FOLDERS, name);
    if (!isAbandoned(folder)) continue;
    await removeEngine(folder);
    removed.push(folder);
  }
  return removed;
}

/** Kills the remaining processes of an engine and removes its mounts, bridges and folder. */
export async function removeEngine(folder: string): Promise<void> {
  await endProcesses(folder);
  for (const bridge of bridgesOf(folder)) await run('ip', ['link', 'delete', bridge]).catch(() => undefined);
  for (const mount of mountsUnder(folder)) await run('umount', ['--lazy', mount]).catch(() => undefined);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Runs a program and resolves with its stdout. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, PATH: path } });
  return stdout;
}

function isAbandoned(folder: string): boolean {
  try {
    return hasEnded(readFileSync(join(folder, 'owner'), 'utf8'));
  } catch {
    // A folder without an owner is being created or removed right now, unless it is old.
    return Date.now() - (statSync(folder, { throwIfNoEntry: false })?.ctimeMs ?? Infinity) > 60_000;
  }
}

/** Kills the engine's processes (their arguments name its folder) with their descendants: the containers' processes. */
async function endProcesses(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const pids = processesOf(folder);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Ended by itself.
      }
    }
    await sleep(50);
  }
}

function processesOf(folder: string): number[] {
  const parents = new Map<number, number>();
  const found = new Set<number>();
  for (const name of readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))) {
    const pid = Number(name);
    const stat = processStat(pid);
    if (stat === undefined || pid === process.pid) continue;
    parents.set(pid, stat.parent);
    if (argumentsOf(pid).some((argument) => argument.includes(`${folder}/`))) found.add(pid);
  }
  for (let grew = true; grew;) {
    grew = false;
    for (const [pid, parent] of parents) {
      if (!found.has(parent) || found.has(pid)) continue;
      found.add(pid);
      grew = true;
    }
  }
  return [...found];
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** The engine's own bridge and those of its user-defined networks (br- and 12 digits of the network's id). */
function bridgesOf(folder: string): string[] {
  const own = `ecsm-${folder.slice(folder.lastIndexOf('-') + 1)}`;
  let networks = '';
  try {
    networks = readFileSync(join(folder, 'data/network/files/local-kv.db'), 'latin1');
  } catch {
    // The engine has never created a network.
  }
  return readdirSync('/sys/class/net').filter(
    (name) => name === own || (/^br-[0-9a-f]{12}$/.test(name) && networks.includes(name.slice(3))),
  );
}

/** Innermost first. */
function mountsUnder(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}
