import { createServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { bodiesOf } from './load.ts';

// A separate process that serves targets with ready-made answers. Arguments: number of targets, samples of each (or `services`:
// bodies of several kinds of services), address to listen on. The path selects the encoding.
const [, , targetCount = '50', samples = '2000', host = '127.0.0.1'] = process.argv;

/** The message to the parent process once all targets listen. */
export interface Targets {
  readonly ports: readonly number[];
  /** Size of the first target's body. */
  readonly bodyBytes: number;
  /** Size of all bodies together. */
  readonly allBytes: number;
  readonly responseBytes: Readonly<Record<string, number>>;
}

const CHUNK_BYTES = 4096;
const head =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n';

/** The complete answers with this body, by path. */
function responsesWith(body: Buffer): ReadonlyMap<string, Buffer> {
  const gzip = gzipSync(body);
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    const chunk = body.subarray(at, at + CHUNK_BYTES);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  const end = Buffer.from('0\r\n\r\n');
  const plain = Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]);
  const encoded = Buffer.from(`${head}Content-Encoding: gzip\r\nContent-Length: ${gzip.length}\r\n\r\n`);
  return new Map([
    ['/metrics', plain],
    ['/length', plain],
    ['/chunked', Buffer.concat([Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`), ...chunks, end])],
    ['/gzip', Buffer.concat([encoded, gzip])],
  ]);
}

const variants = bodiesOf(Number(targetCount), samples);
const responses = new Map([...new Set(variants.flat())].map((body) => [body, responsesWith(body)]));
const [bodies = []] = variants;
const [first = Buffer.alloc(0)] = bodies;

const ports = await Promise.all(
  bodies.map(async (_, target) => {
    let scrapes = 0;
    const server = createServer((socket) => {
      socket.on('data', (request) => {
        const body = variants[scrapes++ % variants.length]?.[target] ?? first;
        const path = request.toString('latin1', 4, request.indexOf(0x20, 4));
        socket.write(responses.get(body)?.get(path) ?? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      });
      socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return (server.address() as AddressInfo).port;
  }),
);
process.send?.({
  ports,
  bodyBytes: first.length,
  allBytes: bodies.reduce((sum, { length }) => sum + length, 0),
  responseBytes: Object.fromEntries(
    [...(responses.get(first) ?? [])].map(([path, { length }]) => [path, length]),
  ),
} satisfies Targets);
process.on('disconnect', () => process.exit());
