import { readFileSync } from 'node:fs';

/** Identifies this process as long as the machine runs: by its number and its start time, because numbers are reused. */
export function ownIdentity(): string {
  return identity(process.pid) ?? '';
}

/** Whether the process with that identity has ended. */
export function hasEnded(processIdentity: string): boolean {
  return identity(Number.parseInt(processIdentity, 10)) !== processIdentity;
}

/** A process's parent and start time; undefined if it doesn't run. */
export function processStat(pid: number): { parent: number; startTime: string } | undefined {
  try {
    // proc_pid_stat(5): the command's name may contain blanks and parentheses; the fields are counted from its end.
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
