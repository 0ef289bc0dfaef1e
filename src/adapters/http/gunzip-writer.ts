import { createGunzip, type Gunzip } from 'node:zlib';

export interface GunzipReceiver {
  /** The next decompressed bytes. Not called after `destroy`. */
  data(bytes: Buffer): void;
  /** All members and their trailers were right (RFC 1952), and nothing follows them. */
  end(): void;
  /** Broken, shorter than its trailer says, or followed by something else. */
  error(error: Error): void;
  /** There is room again. */
  drain(): void;
}

const OUTPUT_CHUNK_BYTES = 128 * 1024;

/** Decompresses a gzip body as it arrives, in zlib's threads, holding no more than a few chunks of it. */
export class GunzipWriter {
  readonly #gunzip: Gunzip;
  #takenBytes = 0;

  constructor(receiver: GunzipReceiver) {
    const gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
    gunzip.on('data', (bytes: Buffer) => {
      if (!gunzip.destroyed) receiver.data(bytes);
    });
    gunzip.on('drain', () => receiver.drain());
    gunzip.on('end', () => {
      // Node.js takes zeros behind a member for padding, and leaves the rest unread.
      if (gunzip.bytesWritten === this.#takenBytes) receiver.end();
      else receiver.error(new Error('bytes follow that are no gzip member'));
    });
    gunzip.on('error', (error) => receiver.error(error));
    this.#gunzip = gunzip;
  }

  /** Should the next bytes wait for `drain`? */
  get isFull(): boolean {
    return this.#gunzip.writableNeedDrain;
  }

  /** Takes a copy of the bytes. */
  write(bytes: Buffer): void {
    this.#takenBytes += bytes.length;
    this.#gunzip.write(Buffer.from(bytes));
  }

  end(): void {
    this.#gunzip.end();
  }

  destroy(): void {
    this.#gunzip.destroy();
  }
}
