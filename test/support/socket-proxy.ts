import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { PROJECT } from './markdown.ts';

/** HAProxy in front of the engine's socket. */
export interface SocketProxy extends AsyncDisposable {
  /** `docker.sock` in a folder of its own. */
  readonly socket: string;
}

/** Runs HAProxy with the recipe's configuration in front of the engine that the tests use. */
export async function startSocketProxy(): Promise<SocketProxy> {
  const { socketPath } = new Docker().modem as { socketPath?: string };
  if (socketPath === undefined) throw new Error('the socket proxy needs an engine on a unix socket');
  const folder = mkdtempSync(join(tmpdir(), 'socket-proxy-'));
  // As Docker makes the folder of a volume: another user's process gets to the socket in it.
  chmodSync(folder, 0o755);
  const socket = join(folder, 'docker.sock');
  const child = spawn('haproxy', ['-db', '-f', join(PROJECT, 'deploy/socket-proxy/haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`,
      DOCKER_SOCKET: socketPath,
      PROXY_SOCKET: socket,
    },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.on('error', (error) => (log += `${error.message}: apt-get install haproxy`));
  for (let attempt = 0; !existsSync(socket); attempt++) {
    if (child.pid === undefined || child.exitCode !== null || attempt > 100) {
      throw new Error(`HAProxy doesn't start; it wrote:\n${log}`);
    }
    await sleep(50);
  }
  return {
    socket,
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
      rmSync(folder, { recursive: true });
    },
  };
}
