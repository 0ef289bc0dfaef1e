import { readFileSync } from 'node:fs';

/** Names this process for as long as the machine runs: its number and its start time, as numbers are used again. */
export function ownIdentity(): string {
  return identity(process.pid) ?? '';
}

/** Has the process with that identity ended? */
export function hasEnded(processIdentity: string): boolean {
  return identity(Number.parseInt(processIdentity, 10)) !== processIdentity;
}

/** A process's parent and start time; undefined where it doesn't run. */
export function processStat(pid: number): { parent: number; startTime: string } | undefined {
  try {
    // proc_pid_stat(5): the command's name may hold blanks and parentheses; the fields that count come after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function identity(pid: number): string | undefined {
  const stat = processStat(pid);
  return stat === undefined ? undefined : `${pid}-${stat.startTime}`;
}
