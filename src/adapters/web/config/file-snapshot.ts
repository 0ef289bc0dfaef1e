import { readFileSync, statSync } from 'node:fs';

/** Reads files and tells whether one of them has changed since. Includes files that could not be read. */
export class FileSnapshot {
  readonly #stamps = new Map<string, string>();

  /** Reads and remembers a file. Throws what the file system throws. */
  read(path: string): Buffer {
    // The stamp first, so that a change during the read is noticed afterwards.
    this.#stamps.set(path, stampOf(path));
    return readFileSync(path);
  }

  /** Costs one `stat` per file. */
  isCurrent(): boolean {
    return [...this.#stamps].every(([path, stamp]) => stampOf(path) === stamp);
  }
}

function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String(error);
  }
}
