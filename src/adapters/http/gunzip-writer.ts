import { createGunzip, type Gunzip } from 'node:zlib';

export interface GunzipReceiver {
  /** The next decompressed bytes. Not called after `destroy`. */
  data(bytes: Buffer): void;
  /** The end: all members and their trailers were valid (RFC 1952), and nothing follows them. */
  end(): void;
  /** The data is broken, shorter than its trailer states, or followed by something else. */
  error(error: Error): void;
  /** There is room again. */
  drain(): void;
}

const OUTPUT_CHUNK_BYTES = 128 * 1024;

/** Decompresses a gzip body as it arrives, in zlib's threads, holding no more than a few chunks of it. */
export class GunzipWriter {
  readonly #gunzip: Gunzip;
  #inputBytes = 0;

  constructor(receiver: GunzipReceiver) {
    const gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
    gunzip.on('data', (bytes: Buffer) => {
      if (!gunzip.destroyed) receiver.data(bytes);
    });
    gunzip.on('drain', () => receiver.drain());
    gunzip.on('end', () => {
      // Node.js regards zeros after a member as padding, and doesn't read what follows.
      if (gunzip.bytesWritten === this.#inputBytes) receiver.end();
      else receiver.error(new Error('bytes follow that are no gzip member'));
    });
    gunzip.on('error', (error) => receiver.error(error));
    this.#gunzip = gunzip;
  }

  /** The next bytes should wait for `drain`. */
  get isFull(): boolean {
    return this.#gunzip.writableNeedDrain;
  }

  /** Decompresses a copy of the bytes. */
  write(bytes: Buffer): void {
    this.#inputBytes += bytes.length;
    this.#gunzip.write(Buffer.from(bytes));
  }

  end(): void {
    this.#gunzip.end();
  }

  destroy(): void {
    this.#gunzip.destroy();
  }
}
