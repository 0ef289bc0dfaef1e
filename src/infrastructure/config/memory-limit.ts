import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** Where a cgroup's limits are: version 2 has two (it kills above `max`, and holds up who goes above `high`), version 1 has one. */
const HIERARCHIES = [
  { mount: '/sys/fs/cgroup', entry: /^0::(\/.*)$/m, files: ['memory.max', 'memory.high'] },
  {
    mount: '/sys/fs/cgroup/memory',
    entry: /^[0-9]+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(\/.*)$/m,
    files: ['memory.limit_in_bytes'],
  },
] as const;

/** What is asked for the limits; stubbed in tests. */
export interface MemoryFacts {
  /** Throws where there is no such file. */
  readonly readFile: (path: string) => string;
  /** The machine's RAM. */
  readonly ramBytes: number;
  /** As process.constrainedMemory() has it; 0 or a huge number for none. */
  readonly constrainedBytes: number;
}

/**
 * Bytes of memory that this process may use: the smallest of the machine's RAM, the limits of its cgroup and of those above it, and
 * what Node.js knows of a limit. In a container the mounted root is most often the own group; where it isn't, /proc/self/cgroup
 * says which one is (cgroups(7)).
 */
export function memoryLimitBytes(facts: MemoryFacts = ownFacts()): number {
  const groups = textOf(facts, '/proc/self/cgroup');
  const limits = HIERARCHIES.flatMap(({ mount, entry, files }) =>
    upwards(entry.exec(groups)?.[1] ?? '/').flatMap((group) =>
      files.map((file) => textOf(facts, `${mount}${group}${file}`).trim()),
    ),
  );
  // `max` means no limit; version 1 writes a number near 2^63 for that.
  const numbers = limits.filter((text) => /^[0-9]+$/.test(text)).map(Number);
  return Math.min(facts.ramBytes, facts.constrainedBytes || Infinity, ...numbers);
}

/** The group and all above it: `/`, `/a/`, `/a/b/` for `/a/b`. */
function upwards(group: string): readonly string[] {
  const names = group.split('/').filter((name) => name !== '');
  return ['/', ...names.map((_, i) => `/${names.slice(0, i + 1).join('/')}/`)];
}

function textOf({ readFile }: MemoryFacts, path: string): string {
  try {
    return readFile(path);
  } catch {
    return '';
  }
}

function ownFacts(): MemoryFacts {
  return { readFile: readText, ramBytes: totalmem(), constrainedBytes: process.constrainedMemory() };
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

const MAX_DEFAULT_BYTES = 2 ** 30;

/** What all bodies of one scrape may take where SCRAPE_BODY_SIZE_LIMIT is not set: a quarter of the memory, at most 1 GiB. */
export function defaultScrapeBodySizeLimit(memoryBytes: number): number {
  return Math.min(Math.floor(memoryBytes / 4), MAX_DEFAULT_BYTES);
}
