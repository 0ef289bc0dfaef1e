import { randomBytes, randomInt } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { ENGINE_FOLDERS, removeEngine, run, writeOwner } from './engine-remains.ts';

export interface PrivateEngine extends AsyncDisposable {
  /** Value of DOCKER_HOST. */
  readonly host: string;
  readonly socketPath: string;
  readonly folder: string;
  /** Starts dockerd again after `stopDaemon`, with the same data, and with other command line options if they are given. */
  startDaemon(daemonOptions?: readonly string[]): Promise<void>;
  /** Ends only dockerd. On SIGTERM it stops its containers, unless it runs with --live-restore. */
  stopDaemon(signal?: NodeJS.Signals): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;

/**
 * Starts a Docker engine of our own. Its socket, data, containerd and bridge are separate from any other engine's, and it doesn't
 * change the machine's iptables or forwarding (so its containers only reach the bridge). Needs root. Disposing it removes its
 * containers and everything that it left on the machine.
 */
export async function startPrivateEngine(daemonOptions: readonly string[] = []): Promise<PrivateEngine> {
  if (process.getuid?.() !== 0) throw new Error('a private Docker engine can only be started by root');
  const id = randomBytes(4).toString('hex');
  const folder = join(ENGINE_FOLDERS, `ecs-metrics-engine-${id}`);
  mkdirSync(folder);
  writeOwner(folder);
  const engine = new StartedPrivateEngine(folder, `ecsm-${id}`, daemonOptions);
  try {
    await engine.start();
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

class StartedPrivateEngine implements PrivateEngine {
  readonly folder: string;
  readonly socketPath: string;
  readonly host: string;
  readonly #bridge: string;
  readonly #daemonOptions: readonly string[];
  #containerd: ChildProcess | undefined;
  #daemon: ChildProcess | undefined;

  constructor(folder: string, bridge: string, daemonOptions: readonly string[]) {
    this.folder = folder;
    this.socketPath = join(folder, 'docker.sock');
    this.host = `unix://${this.socketPath}`;
    this.#bridge = bridge;
    this.#daemonOptions = daemonOptions;
  }

  async start(): Promise<void> {
    await addBridge(this.#bridge);
    // By default dockerd would share the system's containerd, if that runs.
    const config = join(this.folder, 'containerd.toml');
    writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
    this.#containerd = this.#spawn('containerd', [
      ...['--config', config, '--address', this.#containerdSocket],
      ...['--root', join(this.folder, 'containerd-root'), '--state', join(this.folder, 'containerd-state')],
    ]);
    await this.startDaemon();
  }

  async startDaemon(daemonOptions = this.#daemonOptions): Promise<void> {
    const config = join(this.folder, 'daemon.json');
    writeFileSync(config, '{}');
    const daemon = this.#spawn('dockerd', [
      ...['--config-file', config, '--host', this.host, '--containerd', this.#containerdSocket],
      ...['--data-root', join(this.folder, 'data'), '--exec-root', join(this.folder, 'exec')],
      ...['--pidfile', join(this.folder, 'docker.pid'), '--bridge', this.#bridge],
      ...['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
      ...daemonOptions,
    ]);
    this.#daemon = daemon;
    const docker = new Docker({ socketPath: this.socketPath });
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(docker))) {
      if (hasEnded(daemon) || Date.now() > deadline) throw new Error(this.#whyNotStarted());
      await sleep(50);
    }
  }

  async stopDaemon(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#daemon !== undefined) await endProcess(this.#daemon, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeContainers(new Docker({ socketPath: this.socketPath }));
    await this.stopDaemon();
    if (this.#containerd !== undefined) await endProcess(this.#containerd, 'SIGTERM');
    await removeEngine(this.folder);
  }

  get #containerdSocket(): string {
    return join(this.folder, 'containerd.sock');
  }

  /** Runs a program in its own session, so that Ctrl-C in the terminal doesn't reach it. */
  #spawn(program: string, args: readonly string[]): ChildProcess {
    const log = openSync(join(this.folder, 'log'), 'a');
    const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: path },
    });
    closeSync(log);
    child.on('error', () => undefined);
    return child;
  }

  #whyNotStarted(): string {
    const log = readFileSync(join(this.folder, 'log'), 'utf8').slice(-2000);
    return `a private Docker engine could not be started here. The end of its log:\n${log}`;
  }
}

/** Adds a bridge with a subnet that no interface or route of the machine overlaps. */
async function addBridge(name: string): Promise<void> {
  const routes = await run('ip', ['-4', 'route', 'show', 'table', 'all']);
  let prefix: string;
  do prefix = `10.${randomInt(100, 250)}.${randomInt(0, 256)}`;
  while (routes.includes(prefix) || routes.includes(`${prefix.slice(0, prefix.lastIndexOf('.'))}.0.0/16`));
  // By default a bridge has the lowest MAC address of its ports: it would change while containers have it in their ARP tables.
  const address = ['02', '42', ...(randomBytes(4).toString('hex').match(/../g) ?? [])].join(':');
  await run('ip', ['link', 'add', name, 'address', address, 'type', 'bridge']);
  await run('ip', ['address', 'add', `${prefix}.1/24`, 'dev', name]);
  await run('ip', ['link', 'set', name, 'up']);
}

async function answers(docker: Docker): Promise<boolean> {
  return docker.ping().then(
    () => true,
    () => false,
  );
}

async function removeContainers(docker: Docker): Promise<void> {
  try {
    const abortSignal = AbortSignal.timeout(20_000);
    const containers = await docker.listContainers({ all: true, abortSignal });
    await Promise.all(
      containers.map(async ({ Id }) => {
        await docker.getContainer(Id).remove({ force: true, abortSignal });
      }),
    );
  } catch {
    // The daemon has ended or is slow: what it leaves is removed below.
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const deadline = Date.now() + 15_000;
  child.kill(signal);
  while (!hasEnded(child)) {
    if (Date.now() > deadline) child.kill('SIGKILL');
    await sleep(20);
  }
}
