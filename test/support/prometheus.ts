import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 120_000;

/** One series of an instant query's answer. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A rule as Prometheus' rules API shows it. */
interface LoadedRule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** A real Prometheus server with storage of its own. */
export interface RunningPrometheus extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  /** The warnings and errors that it wrote so far. */
  log(): string;
  /** The answer of an instant query, now. A scalar is one series without labels. */
  query(expression: string): Promise<readonly Series[]>;
  rules(): Promise<readonly LoadedRule[]>;
}

/**
 * Starts Prometheus in a folder with the given files, `prometheus.yml` among them; resolves once it is ready. Throws with
 * the command that installs it where it is missing.
 */
export async function startPrometheus(files: Readonly<Record<string, string>>): Promise<RunningPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.on('error', () => (log += 'apt-get install --no-install-recommends prometheus'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(address))) {
    if (child.pid === undefined || child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      remove();
      throw new Error(`Prometheus doesn't answer; it wrote:\n${log}`);
    }
    await sleep(50);
  }
  return {
    url: `http://${address}`,
    log: () => log,
    async query(expression) {
      const { resultType, result } = await ask<{ resultType: string; result: Series[] }>(
        address,
        `query?${new URLSearchParams({ query: expression }).toString()}`,
      );
      return resultType === 'scalar' ? [{ metric: {}, value: result as unknown as Series['value'] }] : result;
    },
    async rules() {
      const { groups } = await ask<{ groups: { rules: LoadedRule[] }[] }>(address, 'rules');
      return groups.flatMap(({ rules }) => rules);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }
      remove();
    },
  };
}

async function ask<T>(address: string, path: string): Promise<T> {
  const response = await fetch(`http://${address}/api/v1/${path}`);
  const answer = (await response.json()) as { data: T; error?: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.data;
}

async function isReady(address: string): Promise<boolean> {
  return fetch(`http://${address}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
