import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end; sends it the signal once it listens (or has written a given text). */
function run(
  args: readonly string[],
  env: Record<string, string> = {},
  signalOnceListening?: NodeJS.Signals,
  saying = '"listening"',
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env['PATH'], ...env } });
  let stdout = '';
  let stderr = '';
  let isSignalled = signalOnceListening === undefined;
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (isSignalled || !stderr.includes(saying)) return;
    // A second one would end it at once.
    isSignalled = true;
    child.kill(signalOnceListening);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const QUIET = {
  HTTP_LISTEN_ADDRESS: '127.0.0.1',
  HTTP_LISTEN_PORT: '0',
  DOCKER_HOST: 'unix:///nowhere/docker.sock',
};

// Each test starts a process, on machines that are busy with other tests.
describe('the program', () => {
  it('lists all mistakes of the configuration at once, without a stack, and exits 1', async () => {
    const { code, stdout, stderr } = await run([], {
      HTTP_LISTEN_PORT: '9x',
      FETCH_MODE: 'curl',
      TARGET_TIMEOUT: '',
    });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(4);
    expect(stderr).toMatch(/HTTP_LISTEN_PORT.*9x/);
    expect(stderr).toMatch(/FETCH_MODE.*curl/);
    expect(stderr).toMatch(/TARGET_TIMEOUT.*empty/);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  it('refuses unknown commands and options', async () => {
    expect(await run(['sevre'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/unknown command "sevre"/) as string,
    });
    expect(await run(['--hepl'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--hepl.*--help/) as string,
    });
  });

  it('prints its version and its usage', async () => {
    expect(await run(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
    expect(await run(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: /) as string,
    });
  });

  it('prints the endpoints of a label value', async () => {
    expect(await run(['check', '--label', '9100/metrics'])).toMatchObject({
      code: 0,
      stdout: 'ok       9100/metrics\n',
    });
    const { code, stdout } = await run(['check', '--label', '9100,9100@host/x']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok {7}9100\/metrics\ninvalid {2}"9100@host\/x" names a host/);
  });

  it('checks what it would scrape, and exits 1 where Docker does not answer', async () => {
    const { code, stdout, stderr } = await run(['check'], QUIET);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/source of targets does not answer: .*\/nowhere\/docker\.sock/);
  });

  it('checks files of targets: one that is broken is a failure, named once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'check-files-'));
    const file = join(folder, 'targets.json');
    writeFileSync(file, '{');
    const { code, stdout, stderr } = await run(['check'], { DISCOVERY: 'file', DISCOVERY_FILES: file });
    rmSync(folder, { recursive: true });
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^problem {2}.*targets\.json: /),
      'there are no targets',
      '',
    ]);
  });

  it('checks the web configuration', async () => {
    const env = {
      DISCOVERY: 'file',
      DISCOVERY_FILES: '/nowhere/*.json',
      WEB_CONFIG_FILE: '/nowhere/web.yml',
    };
    const { code, stdout } = await run(['check'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^problem {2}\/nowhere\/web\.yml: .*ENOENT/);
  });

  it('lets the name of a target neither begin a line of the report nor command the terminal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'check-files-'));
    const file = join(folder, 'targets.json');
    const labels = { container_name: 'evil\nup       payments\u001b[2J' };
    writeFileSync(file, JSON.stringify([{ targets: ['127.0.0.1:1'], labels }]));
    const { stdout } = await run(['check'], { DISCOVERY: 'file', DISCOVERY_FILES: file });
    rmSync(folder, { recursive: true });
    expect(stdout).toMatch(/^down {5}evil\\u\{a\}up {7}payments\\u\{1b\}\[2J \(/);
    expect(stdout).not.toMatch(/^up/m);
  });

  it.each([[], ['check']])('says what DOCKER_CERT_PATH must hold, without a stack: %p', async (...args) => {
    const { code, stderr } = await run(args, {
      ...QUIET,
      ...{ DOCKER_HOST: 'tcp://127.0.0.1:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' },
    });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/DOCKER_CERT_PATH must hold .*ENOENT/)]);
  });

  it('logs why it can not listen, and exits 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await run([], { ...QUIET, HTTP_LISTEN_PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/EADDRINUSE/);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops on %s with exit code 0', async (signal) => {
    const { code, stderr } = await run([], QUIET, signal);
    expect(stderr).toMatch(/"stopped"/);
    expect(code).toBe(0);
  });

  it('stops at once on a second signal, whatever is in flight', async () => {
    // A target that accepts, hangs, and tells when it is asked.
    const target = createServer().listen(0, '127.0.0.1');
    await once(target, 'listening');
    const folder = mkdtempSync(join(tmpdir(), 'second-signal-'));
    const file = join(folder, 'targets.json');
    const { port } = target.address() as AddressInfo;
    writeFileSync(file, JSON.stringify([{ targets: [`127.0.0.1:${port}`] }]));
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...{ PATH: process.env['PATH'], ...QUIET, DISCOVERY: 'file', DISCOVERY_FILES: file },
        ...{ SCRAPE_TIMEOUT: '10m', TARGET_TIMEOUT: '10m' },
      },
    });
    const ended = once(child, 'exit');
    let log = '';
    const saying = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(log);
        if (found !== null) return found;
        log += String(((await once(child.stderr, 'data')) as [Buffer])[0]);
      }
    };
    const [, own] = await saying(/"listening".*"port":(\d+)/);
    const asked = once(target, 'connection') as Promise<[Socket]>;
    const scrape = fetch(`http://127.0.0.1:${own}/metrics`).catch(() => 'cut');
    const [socket] = await asked;
    socket.on('error', () => undefined);
    child.kill('SIGTERM');
    await saying(/"stopping/);
    child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    expect([code, await scrape]).toEqual([128 + 15, 'cut']);
    target.close();
    rmSync(folder, { recursive: true });
  });

  it('logs at the start why Docker does not answer, once, and goes on', async () => {
    const { code, stderr } = await run([], QUIET, 'SIGTERM', 'can not list the targets');
    expect(stderr).toMatch(/"listening"/);
    expect(stderr.match(/no Docker socket at \/nowhere\/docker\.sock/g)).toHaveLength(1);
    expect(code).toBe(0);
  });

  it("logs Node's own warnings as it logs all else, each line an object", async () => {
    const preload = `process.on('newListener', (name) => {
      if (name === 'SIGTERM') setTimeout(() => process.emitWarning('careful'));
    })`;
    const env = { ...QUIET, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
    const { stderr } = await run([], env, 'SIGTERM', 'careful');
    expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([]);
    expect(stderr).toMatch(
      /"level":"warn","message":"a warning of Node.js","name":"Warning","warning":"careful"/,
    );
  });

  it('starts where Docker does not answer, and warns of a misspelt variable', async () => {
    const { code, stderr } = await run([], { ...QUIET, TARGET_TIMOUT: '1s' }, 'SIGTERM');
    expect(stderr).toMatch(/did you mean TARGET_TIMEOUT/);
    expect(code).toBe(0);
  });
});
