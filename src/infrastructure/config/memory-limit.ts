import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

// cgroup v2 (memory.max) and v1 (memory.limit_in_bytes), as a container sees its own group.
const LIMIT_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

/** Bytes of memory that this process may use: the smaller of its cgroup's limit and the machine's RAM. */
export function memoryLimitBytes(
  readFile: (path: string) => string = readText,
  ramBytes: number = totalmem(),
): number {
  for (const file of LIMIT_FILES) {
    let text: string;
    try {
      text = readFile(file).trim();
    } catch {
      continue;
    }
    // `max` means no limit; version 1 writes a number near 2^63 for that.
    if (/^[0-9]+$/.test(text)) return Math.min(Number(text), ramBytes);
  }
  return ramBytes;
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

const MAX_DEFAULT_BYTES = 2 ** 30;

/** What all bodies of one scrape may take where SCRAPE_BODY_SIZE_LIMIT is not set: a quarter of the memory, at most 1 GiB. */
export function defaultScrapeBodySizeLimit(memoryBytes: number): number {
  return Math.min(Math.floor(memoryBytes / 4), MAX_DEFAULT_BYTES);
}
