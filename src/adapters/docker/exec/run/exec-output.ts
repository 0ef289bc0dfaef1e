import type { Duplex } from 'node:stream';

export interface ExecOutput {
  /** The bytes are views into the connection's buffers: to be copied if they are kept. */
  onStdout(bytes: Buffer): void;
  onStderr(bytes: Buffer): void;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/** Splits the stream of an exec into stdout and stderr (Docker Engine API, "Stream format"), as the bytes come. */
export class StreamDemultiplexer {
  readonly #output: ExecOutput;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #frameBytesLeft = 0;

  constructor(output: ExecOutput) {
    this.#output = output;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frameBytesLeft === 0) {
        at += this.#readHeader(chunk.subarray(at));
        continue;
      }
      const bytes = chunk.subarray(at, at + this.#frameBytesLeft);
      at += bytes.length;
      this.#frameBytesLeft -= bytes.length;
      if (this.#header[0] === STDERR) this.#output.onStderr(bytes);
      else this.#output.onStdout(bytes);
    }
  }

  #readHeader(bytes: Buffer): number {
    const copied = bytes.copy(this.#header, this.#headerBytes, 0, HEADER_BYTES - this.#headerBytes);
    this.#headerBytes += copied;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#headerBytes = 0;
      this.#frameBytesLeft = this.#header.readUInt32BE(4);
    }
    return copied;
  }
}

/**
 * Reads an exec's connection until it ends, and resolves once all of it has been handed over. `cut`: it closed without
 * an end. Rejects with the signal's reason as soon as that aborts. The connection is never paused (curl's deadline
 * doesn't fire while its stdout is blocked) and is destroyed in any case.
 */
export async function readToEnd(
  connection: Duplex,
  output: ExecOutput,
  signal: AbortSignal,
): Promise<'ended' | 'cut'> {
  const demultiplexer = new StreamDemultiplexer(output);
  const { promise, resolve, reject } = Promise.withResolvers<'ended' | 'cut'>();
  const abort = (): void => reject(signal.reason as Error);
  connection
    .on('data', (chunk: Buffer) => demultiplexer.push(chunk))
    .on('end', () => resolve('ended'))
    .on('close', () => resolve('cut'))
    .on('error', () => resolve('cut'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    connection.destroy();
  }
}
