import { readFileSync, statSync } from 'node:fs';

/** Files as they were when they were read, and whether they still are. A file that can't be read counts, too. */
export class FileSnapshot {
  readonly #stamps = new Map<string, string>();

  /** Reads and remembers a file. Throws what the file system throws. */
  read(path: string): Buffer {
    // The stamp first: a change while the file is being read then shows in the next one.
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
