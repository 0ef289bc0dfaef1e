import { readFileSync } from 'node:fs';

/** How many milliseconds a process's main thread was ready to run and had no CPU so far; 0 where the kernel doesn't count them. */
export function cpuWaitMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
