import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import Docker from 'dockerode';

/** Used CPU seconds. */
export interface CpuSeconds {
  /** dockerd and containerd. */
  readonly engine: number;
  /** The containers' shims, including their ended children: runc, and the processes of execs. */
  readonly shims: number;
  /** The running processes of the containers, including their ended children. */
  readonly containers: number;
}

// USER_HZ, the fixed unit of CPU times in Linux' /proc.
const TICKS_PER_SECOND = 100;

/** Sums up the CPU time of an engine's processes and of those of some containers, from /proc. */
export class EngineCpu {
  readonly #engine: readonly number[];
  readonly #shims: readonly number[];

  private constructor(engine: readonly number[], shims: readonly number[]) {
    this.#engine = engine;
    this.#shims = shims;
  }

  static async of(containerIds: readonly string[]): Promise<EngineCpu> {
    const docker = new Docker();
    const mainPids = await Promise.all(
      containerIds.map(async (id) => (await docker.getContainer(id).inspect()).State.Pid),
    );
    const shims = [...new Set(mainPids.map(parentOf))];
    const socket = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');
    const containerd = /-address\0([^\0]+)/.exec(readFileSync(`/proc/${shims[0] ?? 0}/cmdline`, 'utf8'))?.[1];
    const engine = [listenerOf(socket, 'dockerd'), listenerOf(containerd ?? '', 'containerd')];
    return new EngineCpu(engine, shims);
  }

  used(): CpuSeconds {
    const inContainers = descendantsOf(this.#shims);
    return { engine: sum(this.#engine), shims: sum(this.#shims), containers: sum(inContainers) };
  }
}

/** The process of this name that listens on a unix socket. */
function listenerOf(socketPath: string, name: string): number {
  const inodes = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(` ${socketPath}`))
    .map((line) => `socket:[${line.trim().split(/\s+/)[6] ?? ''}]`);
  const pid = pids().find(
    (one) => nameOf(one) === name && linksOf(one).some((link) => inodes.includes(link)),
  );
  if (pid === undefined) throw new Error(`no ${name} listens on ${socketPath} (are we root?)`);
  return pid;
}

function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function descendantsOf(parents: readonly number[]): number[] {
  const found: number[] = [];
  let generation: readonly number[] = parents;
  const all = pids();
  while (generation.length > 0) {
    const above = new Set(generation);
    generation = all.filter((pid) => above.has(parentOf(pid)));
    found.push(...generation);
  }
  return found;
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

function nameOf(pid: number): string {
  return /\((.*)\)/s.exec(statOf(pid))?.[1] ?? '';
}

function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1] ?? 0);
}

/** User and system time of a process and of the children that it has waited for (proc(5), fields 14 to 17). */
function sum(of: readonly number[]): number {
  const ticks = of.flatMap((pid) => fieldsOf(pid).slice(11, 15).map(Number));
  return ticks.reduce((total, one) => total + one, 0) / TICKS_PER_SECOND;
}

function fieldsOf(pid: number): string[] {
  return statOf(pid)
    .replace(/^.*\) /s, '')
    .split(' ');
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has just ended: its time counts as its parent's.
    return '';
  }
}
