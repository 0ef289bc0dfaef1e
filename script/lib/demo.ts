// Run by script/demo: needs DOCKER_HOST and a build. Runs until a signal, or until its stdin ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DemoServices, WORKING_SERVICES } from './demo-services.ts';

const USUAL_PORT = 9102;
const START_TIMEOUT_MS = 60_000;
const HEAD_LINES = 40;

const isOnce = process.argv.includes('--once');
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
process.stdin.on('end', () => stop.abort()).resume();

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function runDemo(signal: AbortSignal): Promise<void> {
  await using services = new DemoServices(say);
  say('starting the sample services');
  await services.start(signal);
  const url = `http://127.0.0.1:${await choosePort()}`;
  await using exporter = startExporter(url);
  const metrics = await waitForServices(`${url}/metrics`, exporter.process, signal);
  if (isOnce) {
    process.stdout.write(metrics);
    return;
  }
  const lines = metrics.trimEnd().split('\n');
  console.log(lines.slice(0, HEAD_LINES).join('\n'));
  console.log(`… ${Math.max(0, lines.length - HEAD_LINES)} more lines\n`);
  console.log(`all metrics      ${url}/metrics`);
  console.log(`targets          ${url}/targets`);
  console.log(`everything else  ${url}/`);
  console.log('Ctrl-C stops the demo.');
  await Promise.race([once(exporter.process, 'exit'), aborted(signal)]);
  if (!signal.aborted) throw new Error('the exporter has ended');
}

/** The port that Prometheus' list has for this exporter, or any free one if that is in use. */
async function choosePort(): Promise<number> {
  return (await freePort(USUAL_PORT)) ?? (await freePort(0)) ?? USUAL_PORT;
}

async function freePort(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? address?.port : undefined;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}

function startExporter(url: string): AsyncDisposable & { process: ChildProcess } {
  const { hostname, port } = new URL(url);
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../dist/main.js')], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, HTTP_LISTEN_ADDRESS: hostname, HTTP_LISTEN_PORT: port, LOG_FORMAT: 'pretty' },
  });
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      // Ctrl-C has reached the exporter, too: a second signal would end it before its last answer.
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      const exit = hasEnded ? Promise.resolve() : once(child, 'exit');
      if (stop.signal.aborted) await Promise.race([exit, sleep(1000, undefined, { ref: false })]);
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Fetches /metrics until it has samples of all services that work. */
async function waitForServices(url: string, exporter: ChildProcess, stopped: AbortSignal): Promise<string> {
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  const signal = AbortSignal.any([stopped, deadline]);
  for (;;) {
    const body = await fetch(url, { signal })
      .then(async (response) => response.text())
      .catch(() => '');
    const missing = WORKING_SERVICES.filter((name) => !hasSamplesOf(name, body));
    if (missing.length === 0) return body;
    stopped.throwIfAborted();
    if (exporter.exitCode !== null) throw new Error('the exporter has ended');
    if (deadline.aborted)
      throw new Error(`no samples of ${missing.join(', ')} after ${START_TIMEOUT_MS / 1000} s`);
    await sleep(200);
  }
}

/** Whether the text has a sample of the service itself, not only the exporter's samples about it. */
function hasSamplesOf(name: string, exposition: string): boolean {
  return exposition
    .split('\n')
    .some(
      (line) =>
        line.includes(`{container_name="${name}"`) && !line.startsWith('ecs_service_metrics_exporter_'),
    );
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

try {
  await runDemo(stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    say(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
if (stop.signal.aborted && isOnce) process.exitCode = 130;
process.exit();
