import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { ComparisonRequest } from './bcrypt-worker.ts';

/** Compares a password with a bcrypt hash. Its caller makes sure that only one comparison runs at a time. */
export interface PasswordComparer {
  /** Rejects if the comparison could not be made. */
  compare(password: string, hash: string): Promise<boolean>;
  close(): Promise<void>;
}

const WORKER_FILE = fileURLToPath(new URL(`./bcrypt-worker${extname(import.meta.url)}`, import.meta.url));

/** The caller caches successes, so that there is hardly ever anything to compare. */
const IDLE_MS = 30_000;

/** Runs bcrypt in a worker thread: some 100 ms of CPU time that would otherwise delay every scrape. */
export class WorkerPasswordComparer implements PasswordComparer {
  readonly #idleMs: number;
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(idleMs = IDLE_MS) {
    this.#idleMs = idleMs;
  }

  /** The thread ends after some time without work and is started again for the next comparison. */
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
    // `once` reports the error to the comparison that is waiting.
    worker.on('error', () => undefined);
    return worker;
  }
}
