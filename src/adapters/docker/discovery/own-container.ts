import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The files and facts by which a process can tell which container it runs in. */
export interface ContainerTraces {
  /** /proc/self/mountinfo. */
  readonly mountinfo: string;
  /** /proc/self/cgroup. */
  readonly cgroup: string;
  readonly hostname: string;
  /** /.dockerenv or /run/.containerenv exists. */
  readonly hasMarkerFile: boolean;
}

/** The container that we run in ourselves. */
export interface OwnContainer {
  readonly isContainer: boolean;
  /**
   * Candidates for its id: 64 hex digits, or the first 12. In `container:` network mode also the network owner's, which these
   * files and the host name belong to.
   */
  readonly ids: readonly string[];
  /** The one that is certain: the control group's. Undefined in a control group namespace of our own. */
  readonly certainId: string | undefined;
}

/** Finds our own container's id in /proc and in the files that Docker mounts. */
export function findOwnContainer(traces: ContainerTraces): OwnContainer {
  const ids = new Set<string>();
  for (const line of traces.mountinfo.split('\n')) {
    // proc(5): the fourth field is the mount's root within its file system, the fifth where it is mounted.
    const [, , , root = '', mountPoint = ''] = line.split(' ');
    if (!/^\/etc\/(?:hostname|hosts|resolv\.conf)$/.test(mountPoint)) continue;
    const id = /\/containers\/([0-9a-f]{64})\//.exec(root)?.[1];
    if (id !== undefined) ids.add(id);
  }
  const certainId = /[/-]([0-9a-f]{64})(?:\.scope)?$/m.exec(traces.cgroup)?.[1];
  if (certainId !== undefined) ids.add(certainId);
  const isContainer = ids.size > 0 || traces.hasMarkerFile;
  // Docker's default host name is the id's beginning.
  if (isContainer && /^[0-9a-f]{12}$/.test(traces.hostname)) ids.add(traces.hostname);
  return { isContainer, ids: [...ids], certainId };
}

/** Reads the traces of this process. */
export function readContainerTraces(): ContainerTraces {
  return {
    mountinfo: readOrEmpty('/proc/self/mountinfo'),
    cgroup: readOrEmpty('/proc/self/cgroup'),
    hostname: hostname(),
    hasMarkerFile: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
  };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
