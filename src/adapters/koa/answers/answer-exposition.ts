import { constants, createGzip, type Gzip } from 'node:zlib';
import type { MergedExposition } from '../../../domain/exposition/metrics-relabeler.ts';
import { setCommonHeaders, type WebContext } from './answers.ts';

// A client that reads nothing for this long is disconnected: it would keep the answer in memory.
const STALL_LIMIT_MS = 30_000;
const GZIP_CHUNK_BYTES = 64 * 1024;
const BUFFER_BYTES = 256 * 1024;

/**
 * Answers with the exposition, gzipped if the client prefers that, without copying the whole. Releases it when the answer has
 * been sent or the client has left; disconnects a client that reads nothing for `stallLimitMs`.
 */
export function answerExposition(
  ctx: WebContext,
  merged: MergedExposition,
  stallLimitMs: number = STALL_LIMIT_MS,
): void {
  const { res } = ctx;
  if (res.closed) {
    merged.release();
    return;
  }
  res.once('close', () => merged.release());
  res.setTimeout(stallLimitMs, () => res.destroy());
  ctx.status = 200;
  setCommonHeaders(ctx, merged.contentType);
  ctx.vary('Accept');
  ctx.vary('Accept-Encoding');
  const isGzipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isGzipped) ctx.set('Content-Encoding', 'gzip');
  else ctx.length = merged.byteLength;
  if (ctx.method === 'HEAD') return;
  if (isGzipped) {
    ctx.body = gzipped(merged.chunks);
    return;
  }
  // Corked, all chunks are one system call; as a stream, each would be one.
  ctx.respond = false;
  res.cork();
  for (const chunk of merged.chunks) res.write(chunk);
  res.end();
  res.uncork();
}

/**
 * Compresses in the thread pool. Level 1: metrics shrink to a thirteenth at 320 MB/s; level 6 makes that a sixteenth and takes
 * four times as long.
 */
function gzipped(chunks: readonly Uint8Array[]): Gzip {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: GZIP_CHUNK_BYTES });
  void feed(gzip, chunks);
  return gzip;
}

/**
 * Writes the chunks to the stream by way of one buffer, which is reused once zlib has read it: written singly, each small chunk
 * would be a task of the thread pool, and copying them all would leave garbage. Stops when the stream is destroyed.
 */
async function feed(gzip: Gzip, chunks: readonly Uint8Array[]): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let length = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength;) {
      const part = chunk.subarray(at, at + BUFFER_BYTES - length);
      buffer.set(part, length);
      length += part.byteLength;
      at += part.byteLength;
      if (length < BUFFER_BYTES) continue;
      if (!(await write(gzip, buffer))) return;
      length = 0;
    }
  }
  if (await write(gzip, buffer.subarray(0, length))) gzip.end();
}

/** Writes the bytes and waits until zlib has read them; false if the stream has been destroyed. */
function write(gzip: Gzip, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    gzip.write(bytes, (error) => resolve(error === null || error === undefined));
  });
}
