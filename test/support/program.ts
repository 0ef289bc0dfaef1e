import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 120_000;

/** A program under test that serves HTTP. */
export interface RunningProgram extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly pid: number;
  /** All that it wrote so far, stdout and stderr. */
  log(): string;
  /** Sends a signal; resolves with the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** What it ended with, once it has. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts the exporter as it is shipped (`npm run build`); resolves once it answers. Settings are its environment variables. */
export async function startExporter(
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningProgram> {
  return startProgram('dist/main.js', '/-/healthy', settings);
}

/** Starts a TypeScript program of this project that listens where HTTP_LISTEN_ADDRESS and HTTP_LISTEN_PORT say. */
export async function startProgram(
  path: string,
  alivePath: string,
  settings: Readonly<Record<string, string>>,
): Promise<RunningProgram> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(ROOT, path)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(), HTTP_LISTEN_ADDRESS: '127.0.0.1', HTTP_LISTEN_PORT: String(port), ...settings },
  });
  const program = new StartedProgram(child, `http://127.0.0.1:${port}`);
  await program.waitUntilAlive(alivePath);
  return program;
}

class StartedProgram implements RunningProgram {
  readonly url: string;
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  #log = '';

  constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    this.ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  log(): string {
    return this.#log;
  }

  async waitUntilAlive(path: string): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isAnswering(this.url + path))) {
      if (this.#child.exitCode !== null || Date.now() > deadline) {
        this.#child.kill('SIGKILL');
        throw new Error(`the program doesn't answer; it wrote:\n${this.#log}`);
      }
      await sleep(50);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.#child.kill(signal);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.stop();
    clearTimeout(killer);
  }
}

/** Without the variables that jest or this machine's proxies set. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, DOCKER_HOST } = process.env;
  return { PATH, HOME, ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }) };
}

export async function isAnswering(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
