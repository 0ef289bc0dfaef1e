import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent as HttpAgent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { Agent as UndiciAgent } from 'undici';
import { HttpMetricsFetcher } from '../src/adapters/http/http-metrics-fetcher.ts';
import type { BodySink, BodyStore } from '../src/domain/fetching/body.ts';
import { DEFAULT_TARGET_OPTIONS } from '../src/domain/targets/target.ts';
import type { Targets } from './http-targets.ts';
import { median } from './load.ts';

// Time of fetching, for several HTTP clients. One round is one GET of every target at once; the clients' rounds alternate.
const { values } = parseArgs({
  options: {
    targets: { type: 'string', default: '50' },
    samples: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '30' },
  },
});
const targetCount = Number(values.targets);
const rounds = Number(values.rounds);
const WARM_UP_ROUNDS = 10;

const child = fork(new URL('http-targets.ts', import.meta.url), [String(targetCount), values.samples]);
const [{ ports, bodyBytes, responseBytes }] = (await once(child, 'message')) as [Targets];

/** Fetches one body into memory; resolves with its length. */
type Client = (port: number, path: string) => Promise<number>;

/** Memory into which all clients write bodies: allocated once, as by the exporter's own store. */
const free: Buffer[] = Array.from({ length: targetCount }, () => Buffer.alloc(bodyBytes));

class PooledSink implements BodySink {
  readonly #memory = free.pop() ?? Buffer.alloc(bodyBytes);
  #length = 0;

  expect(): undefined {
    return undefined;
  }

  write(chunk: Uint8Array): undefined {
    this.#memory.set(chunk, this.#length);
    this.#length += chunk.byteLength;
  }

  end(): ReturnType<BodySink['end']> {
    const bytes = this.#memory.subarray(0, this.#length);
    free.push(this.#memory);
    return {
      byteLength: bytes.length,
      bytes: () => bytes,
      retain: () => undefined,
      release: () => undefined,
    };
  }

  discard(): void {
    free.push(this.#memory);
  }
}

interface Collector {
  readonly write: (chunk: Buffer) => void;
  readonly end: () => void;
}

function ours(): Client {
  const bodies: BodyStore = { open: () => new PooledSink() };
  const fetcher = new HttpMetricsFetcher({ bodies, version: '0' });
  return async (port, path) => {
    const target = {
      id: String(port),
      containerName: 'app',
      createdSeconds: 0,
      address: { kind: 'ip', host: '127.0.0.1' },
      endpoints: [],
      invalidEndpoints: [],
      attributes: {},
      options: DEFAULT_TARGET_OPTIONS,
    } as const;
    const request = {
      target,
      endpoint: { port, path },
      timeoutMs: 10_000,
      maxBodyBytes: 2 ** 24,
      isDaemonReachable: true,
    };
    const outcome = await fetcher.fetch(request, new AbortController().signal);
    if (!outcome.ok) throw new Error(outcome.detail);
    return outcome.body.byteLength;
  };
}

function collecting(encoding: unknown, resolve: (byteLength: number) => void): Collector {
  const sink = new PooledSink();
  const done = (): void => resolve(sink.end().byteLength);
  if (encoding !== 'gzip') return { write: (chunk) => sink.write(chunk), end: done };
  const gunzip = createGunzip({ chunkSize: 128 * 1024 });
  gunzip.on('data', (chunk: Buffer) => sink.write(chunk)).on('end', done);
  return { write: (chunk) => void gunzip.write(chunk), end: () => void gunzip.end() };
}

function nodeHttp(): Client {
  const agent = new HttpAgent({ keepAlive: true });
  return (port, path) =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, agent, headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
        const body = collecting(response.headers['content-encoding'], resolve);
        response.on('data', body.write).on('end', body.end).on('error', reject);
      }).on('error', reject);
    });
}

function undici(): Client {
  const agent = new UndiciAgent({ connections: 2 });
  return (port, path) =>
    new Promise((resolve, reject) => {
      let body: Collector | undefined;
      agent.dispatch(
        { origin: `http://127.0.0.1:${port}`, path, method: 'GET', headers: { 'Accept-Encoding': 'gzip' } },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, _status, headers) => {
            body = collecting(headers['content-encoding'], resolve);
          },
          onResponseData: (_controller, chunk) => body?.write(chunk),
          onResponseEnd: () => body?.end(),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
}

/** The lower bound: reads the expected number of bytes without parsing any of them. */
function rawSocket(responseBytes: Targets['responseBytes']): Client {
  const buffer = Buffer.alloc(128 * 1024);
  const receivers = new Map<number, (byteCount: number) => void>();
  const sockets = new Map<number, Socket>();
  const open = (port: number): Socket => {
    const callback = (byteCount: number): boolean => {
      receivers.get(port)?.(byteCount);
      return true;
    };
    return connect({ host: '127.0.0.1', port, onread: { buffer, callback } });
  };
  return (port, path) =>
    new Promise((resolve) => {
      const socket = sockets.get(port) ?? open(port);
      sockets.set(port, socket);
      const memory = free.pop() ?? Buffer.alloc(bodyBytes);
      let left = responseBytes[path] ?? 0;
      receivers.set(port, (byteCount) => {
        // With head and framing the response is longer than the memory: its first bytes are overwritten.
        const at = Math.max(0, memory.length - left);
        memory.set(buffer.subarray(0, Math.min(byteCount, memory.length - at)), at);
        left -= byteCount;
        if (left > 0) return;
        free.push(memory);
        resolve(memory.length);
      });
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    });
}

const clients: readonly (readonly [string, Client])[] = [
  ['raw sockets, no parsing', rawSocket(responseBytes)],
  ['HttpMetricsFetcher', ours()],
  ['undici (dispatch)', undici()],
  ['node:http', nodeHttp()],
];

console.log(
  `${targetCount} targets x ${bodyBytes} bytes, ${rounds} rounds, medians; Node ${process.version}`,
);
console.log('| form | client | wall ms | CPU ms | wall / floor |\n|---|---|---|---|---|');
for (const path of ['/length', '/chunked', '/gzip']) {
  const results = clients.map(([name, client]) => ({
    name,
    client,
    wallMs: [] as number[],
    cpuMs: [] as number[],
  }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const { name, client, wallMs, cpuMs } of results) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      const lengths = await Promise.all(ports.map((port) => client(port, path)));
      const elapsed = performance.now() - start;
      const used = process.cpuUsage(cpu);
      const isRight = lengths.every((length) => length === bodyBytes);
      if (!isRight) throw new Error(`${name} lost bytes of ${path}`);
      if (round < 0) continue;
      wallMs.push(elapsed);
      cpuMs.push((used.user + used.system) / 1000);
    }
  }
  const floor = median(results[0]?.wallMs ?? []);
  for (const { name, wallMs, cpuMs } of results) {
    const wall = median(wallMs);
    const cells = [path.slice(1), name, wall.toFixed(1), median(cpuMs).toFixed(1), (wall / floor).toFixed(2)];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
child.disconnect();
process.exit();
