import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';

const SERVER = readFileSync(join(import.meta.dirname, '../../test/support/target-server.cjs'), 'utf8');
const READY_TIMEOUT_MS = 60_000;

export const SAMPLES_PER_TARGET = 100;

interface Span {
  readonly fromMs: number;
  untilMs: number;
}

/** One labelled container of the soak test. */
export interface SoakTarget {
  readonly name: string;
  readonly isHung: boolean;
  readonly container: Docker.Container;
  /** The times of its faults, each from before the fault until it served again. */
  readonly touched: Span[];
}

/** Starts healthy and hung containers; resolves once all of them listen. */
export async function startSoakTargets(
  docker: Docker,
  image: string,
  counts: { readonly all: number; readonly hung: number },
): Promise<SoakTarget[]> {
  const targets: SoakTarget[] = [];
  for (let i = 0; i < counts.all; i++) {
    const name = `target-${String(i).padStart(2, '0')}`;
    const isHung = i < counts.hung;
    const labels = { 'container-exposes-metrics': '9100/metrics', 'com.amazonaws.ecs.container-name': name };
    targets.push({ name, isHung, container: await createServer(docker, image, isHung, labels), touched: [] });
  }
  await startAll(targets);
  return targets;
}

/** A container like the targets, but for the labels. */
export async function startWitnessContainer(docker: Docker, image: string): Promise<SoakTarget> {
  const target = {
    name: 'witness',
    isHung: false,
    container: await createServer(docker, image, false),
    touched: [],
  };
  await startAll([target]);
  return target;
}

async function createServer(
  docker: Docker,
  image: string,
  isHung: boolean,
  labels: Record<string, string> = {},
): Promise<Docker.Container> {
  return docker.createContainer({
    Image: image,
    Entrypoint: ['node', '--eval', SERVER],
    Env: [`TARGET_SERVERS=${JSON.stringify([serverOf(isHung)])}`],
    Labels: labels,
  });
}

/** Gets a container's metrics as the exporter does, without it: with curl in the container, or straight from its address. */
export const FETCHES: Readonly<
  Record<'exec' | 'http', (container: Docker.Container, signal: AbortSignal) => Promise<void>>
> = {
  exec: async (container) => {
    const Cmd = ['curl', '-sS', '-o', '/dev/null', 'http://localhost:9100/metrics'];
    const exec = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    await once(stream.resume(), 'end');
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) throw new Error(`curl ended with ${ExitCode}`);
  },
  http: async (container, signal) => {
    await (await fetch(`http://${await addressOf(container)}:9100/metrics`, { signal })).arrayBuffer();
  },
};

/** Starts the containers that don't run and waits until each of them listens. */
export async function startAll(targets: readonly SoakTarget[]): Promise<void> {
  await Promise.all(
    targets.map(async ({ container }) => {
      // 304: it runs.
      await container.start().catch((error: unknown) => {
        if ((error as { statusCode?: number }).statusCode !== 304) throw error;
      });
      await untilItListens(container);
    }),
  );
}

/**
 * Does `work` to a target and records the time during which it may be missing in an answer. That time never ends if `work`
 * resolves with false (the target is lost) or the target doesn't serve again.
 */
export async function touch(target: SoakTarget, work: () => Promise<boolean>): Promise<void> {
  const span = { fromMs: performance.now(), untilMs: Infinity };
  target.touched.push(span);
  if (!(await work())) return;
  try {
    await untilItListens(target.container);
  } catch {
    return;
  }
  span.untilMs = performance.now();
}

export function isTouched({ touched }: SoakTarget, fromMs: number, untilMs: number): boolean {
  return touched.some((span) => span.fromMs <= untilMs && span.untilMs >= fromMs);
}

/** Whether a target did not recover from its last fault. The engine may then not answer requests for its container at all. */
export function isLost({ touched }: SoakTarget): boolean {
  return touched.at(-1)?.untilMs === Infinity;
}

/** Forgets the faults of a target, except that it is lost. */
export function forgetTouches(target: SoakTarget): void {
  target.touched.splice(0, target.touched.length - (isLost(target) ? 1 : 0));
}

/** The programs that run in a target, by name. */
export async function programsIn({ container }: SoakTarget): Promise<string[]> {
  const { Processes } = (await container.top({ ps_args: '-eo pid,args' })) as {
    Processes: [pid: string, args: string][];
  };
  return Processes.map(([, args]) => args.replace(/ .*$/s, '').replace(/^.*\//, ''));
}

function serverOf(isHung: boolean): object {
  const lines = Array.from({ length: SAMPLES_PER_TARGET }, (_, i) => {
    return `soak_requests_total{path="/items/${i}",code="200"} ${i * 17}\n`;
  });
  const route = {
    body: `# HELP soak_requests_total Requests.\n# TYPE soak_requests_total counter\n${lines.join('')}`,
    contentType: 'text/plain; version=0.0.4',
    ...(isHung ? { hangs: 'before-headers' } : {}),
  };
  return { port: 9100, host: '0.0.0.0', routes: { '/metrics': route } };
}

/** A container's address on the engine's bridge; empty if it doesn't run. */
export async function addressOf(container: Docker.Container): Promise<string> {
  const { NetworkSettings } = await container.inspect();
  return NetworkSettings.Networks['bridge']?.IPAddress ?? '';
}

async function untilItListens(container: Docker.Container): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`http://${await addressOf(container)}:9100/`, {
      signal: AbortSignal.timeout(2000),
    }).catch(() => undefined);
    if (answer !== undefined) {
      await answer.body?.cancel();
      return;
    }
    if (performance.now() > deadline) throw new Error(`a target (${container.id}) doesn't listen`);
    await sleep(100);
  }
}
