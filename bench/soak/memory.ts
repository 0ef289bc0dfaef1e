import { readFileSync } from 'node:fs';

/** Reads a process's memory from /proc, in MiB. */
export function readMemory(
  pid: number,
): Record<'RssAnon MiB' | 'RSS MiB' | 'peak RSS MiB' | 'swap MiB', number> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string): number => {
    const [, kibibytes = '0'] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status) ?? [];
    return Math.round(Number(kibibytes) / 102.4) / 10;
  };
  return {
    'RssAnon MiB': mebibytes('RssAnon'),
    'RSS MiB': mebibytes('VmRSS'),
    'peak RSS MiB': mebibytes('VmHWM'),
    'swap MiB': mebibytes('VmSwap'),
  };
}
