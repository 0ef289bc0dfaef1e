import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestAuthority } from '../support/openssl.ts';

const HASH = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;

describe('the program behind every guard at once', () => {
  let folder: string;
  let env: Record<string, string>;
  let exporter: ChildProcess;

  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exitOf = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const health = (): Promise<number | null> => exitOf(start('health'));

  /** Reads the log up to the line that tells where it listens. */
  function portOf(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      let log = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        const port = /"message":"listening".*"port":(\d+)/.exec(log)?.[1];
        if (port !== undefined) resolve(port);
      });
      child.once('exit', () => reject(new Error(`it did not start: ${log}`)));
    });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'web-config-program-'));
    new TestAuthority(folder).issue('server', 'IP:127.0.0.1', 'serverAuth');
    writeFileSync(
      join(folder, 'web.yml'),
      `tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
basic_auth_users:
  alice: ${HASH}
`,
    );
    env = {
      WEB_CONFIG_FILE: join(folder, 'web.yml'),
      HTTP_ALLOW_CIDRS: '192.0.2.0/24',
      HTTP_LISTEN_PORT: '0',
      DOCKER_HOST: `unix://${join(folder, 'no-engine.sock')}`,
    };
    exporter = start();
    env['HTTP_LISTEN_PORT'] = await portOf(exporter);
  });
  afterAll(() => {
    exporter.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('is healthy without Docker, unhealthy while it is frozen or gone', async () => {
    expect(await health()).toBe(0);
    exporter.kill('SIGSTOP');
    expect(await health()).toBe(1);
    exporter.kill('SIGCONT');
    expect(await health()).toBe(0);
    const exit = exitOf(exporter);
    exporter.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(await health()).toBe(1);
  });
});
