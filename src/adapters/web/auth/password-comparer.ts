import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { ComparisonRequest } from './bcrypt-worker.ts';

/** Tells whether a password is the one of a bcrypt hash. Its callers see to it that one comparison runs at a time. */
export interface PasswordComparer {
  /** Rejects if the comparison could not be made. */
  compare(password: string, hash: string): Promise<boolean>;
  close(): Promise<void>;
}

const WORKER_FILE = fileURLToPath(new URL(`./bcrypt-worker${extname(import.meta.url)}`, import.meta.url));

/** Successes are cached by the caller, so that most of the time there is nothing to compare. */
const IDLE_MS = 30_000;

/** bcrypt in a worker thread: some 100 ms of computing that would otherwise hold up every scrape. */
export class WorkerPasswordComparer implements PasswordComparer {
  readonly #idleMs: number;
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(idleMs = IDLE_MS) {
    this.#idleMs = idleMs;
  }

  /** The thread ends when it has had nothing to do for a while, and starts again with the next comparison. */
  async compare(password: string, hash: string): Promise<boolean> {
    clearTimeout(this.#idleTimer);
    const worker = (this.#worker ??= this.#start());
    const stop = new AbortController();
    try {
      const exit = once(worker, 'exit', { signal: stop.signal }).then(() => {
        throw new Error('the bcrypt thread ended');
      });
      const answer = once(worker, 'message', { signal: stop.signal });
      worker.postMessage({ password, hash } satisfies ComparisonRequest);
      const [isEqual] = (await Promise.race([answer, exit])) as [boolean];
      return isEqual;
    } catch (error) {
      if (this.#worker === worker) await this.close();
      throw error;
    } finally {
      stop.abort();
      this.#idleTimer = setTimeout(() => void this.close(), this.#idleMs).unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(WORKER_FILE, {
      name: 'bcrypt',
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    worker.unref();
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    // What goes wrong is told to the comparison that waits for an answer.
    worker.on('error', () => undefined);
    return worker;
  }
}
