// with-engine.ts COMMAND [ARGUMENT…]: runs a command with DOCKER_HOST set to an engine that answers. If there is none, it starts
// a private engine and stops it when the command has ended. Writes its own messages to stderr.
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findEngine } from './find-engine.ts';
import { installPackages } from './install-packages.ts';

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

interface HeldEngine {
  readonly host: string;
  /** Kills the processes that the command left running, then stops the engine. */
  readonly release: () => Promise<void>;
  readonly ownGroup: (group: number) => void;
}

async function holdEngine(): Promise<HeldEngine> {
  const answer = await findEngine(process.env['DOCKER_HOST']);
  if (answer.kind === 'found') {
    say(`using the Docker engine at ${answer.host}`);
    return { host: answer.host, release: () => Promise.resolve(), ownGroup: () => undefined };
  }
  say(`no Docker engine answers:\n  ${answer.tried.join('\n  ')}`);
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error(
      'Start Docker, set DOCKER_HOST, join the group that may open the socket, or run this as root on Debian or Ubuntu, ' +
        'where a private engine is started.',
    );
  }
  installPackages('engine');
  return startKeeper();
}

async function startKeeper(): Promise<HeldEngine> {
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'engine-keeper.ts')], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const hasEnded = ended(keeper);
  const { value } = await createInterface({ input: keeper.stdout })[Symbol.asyncIterator]().next();
  const { host, error } = JSON.parse(value ?? '{"error":"it ended"}') as {
    host?: string;
    error?: string;
  };
  if (host === undefined) throw new Error(error);
  say(`started a private Docker engine at ${host}; it is stopped at the end`);
  return {
    host,
    ownGroup: (group) => keeper.stdin.write(`${group}\n`),
    release: async () => {
      keeper.stdin.end();
      await hasEnded;
    },
  };
}

async function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}

/** Runs the command in its own process group, so that only this process passes Ctrl-C on. Its stdin ends when this process does. */
async function runCommand(command: readonly string[], engine: HeldEngine): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, DOCKER_HOST: engine.host },
  });
  const group = child.pid;
  if (group !== undefined) engine.ownGroup(group);
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (group !== undefined && child.exitCode === null) process.kill(-group, signal);
    });
  }
  return ended(child);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let interruption: NodeJS.Signals | undefined;
for (const signal of SIGNALS) process.on(signal, () => (interruption ??= signal));

try {
  const engine = await holdEngine();
  try {
    process.exitCode =
      interruption === undefined
        ? await runCommand(process.argv.slice(2), engine)
        : 128 + constants.signals[interruption];
  } finally {
    await engine.release();
  }
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
process.exit();
