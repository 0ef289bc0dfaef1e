import Docker from 'dockerode';
import type { StartedTestContainer } from 'testcontainers';
import { logOf } from './containers.ts';
import { until } from './until.ts';

/** Resolves once the target's server has logged this text `times` times. */
export async function untilLogged(target: StartedTestContainer, part: string, times = 1): Promise<void> {
  const complaint = `the target never logged: ${part}`;
  await until(async () => countOf(await logOf(target), part) >= times, complaint, 60_000);
}

/** How many requests for a path the target's server has seen. */
export async function requestsOf(target: StartedTestContainer, path: string): Promise<number> {
  const lines = (await logOf(target)).split('\n');
  return lines.filter((line) => line.trimEnd().endsWith(` GET ${path}`)).length;
}

/** Pauses a container. On a busy machine runc sometimes gives up freezing it ("unable to freeze"), and leaves it as it was. */
export async function pause(container: Docker.Container): Promise<void> {
  const isDone = async (): Promise<boolean> =>
    container.pause().then(
      () => true,
      () => false,
    );
  await until(isDone, 'the container can not be paused');
}

/** The names of the programs that run in a container, in the order of their numbers. */
export async function programsIn(containerId: string, docker = new Docker()): Promise<string[]> {
  const { Processes } = (await docker.getContainer(containerId).top({ ps_args: '-eo pid,args' })) as {
    Processes: [pid: string, args: string][];
  };
  // A thread's name, which ps shows otherwise, is what Node.js and others make of it.
  return Processes.toSorted((a, b) => Number(a[0]) - Number(b[0])).map(([, args]) =>
    args.replace(/ .*$/s, '').replace(/^.*\//, ''),
  );
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}
