import type { Logger } from '../../../domain/logger.ts';
import { FileSnapshot } from './file-snapshot.ts';
import { type LoadedWebConfig, loadWebConfig } from './load-web-config.ts';
import { OPEN_WEB_CONFIG, WebConfigError } from './web-config.ts';
import { removedProtections } from './web-config-protection.ts';

/** Provides the current web configuration. The server asks for it at each connection and each request. */
export interface WebConfigSource {
  current(): LoadedWebConfig;
}

/** The source without a file: plain HTTP without auth. */
export const OPEN_WEB_CONFIG_SOURCE: WebConfigSource = {
  current: () => ({ ...OPEN_WEB_CONFIG, tlsOptions: undefined }),
};

/** A read can fail for a reason that changes no time stamp, such as too many open files: then it is tried again. */
const RETRY_AFTER_MS = 5000;

/**
 * A web configuration that follows changes of its file and the files that it names. If the new one is broken, or would remove
 * a protection (a truncated file can be valid), it is logged once and the previous one stays in force.
 */
export class FileWebConfigSource implements WebConfigSource {
  readonly #file: string;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #loaded: LoadedWebConfig;
  #snapshot = new FileSnapshot();
  #failure: { readonly text: string; readonly atMs: number } | undefined;

  /** Reads the file for the first time. Throws WebConfigError. */
  constructor(file: string, logger: Logger, nowMs: () => number = () => performance.now()) {
    this.#file = file;
    this.#logger = logger;
    this.#nowMs = nowMs;
    this.#loaded = loadWebConfig(file, (path) => this.#snapshot.read(path));
  }

  current(): LoadedWebConfig {
    const isRetryDue = this.#failure !== undefined && this.#nowMs() - this.#failure.atMs >= RETRY_AFTER_MS;
    if (isRetryDue || !this.#snapshot.isCurrent()) this.#reload();
    return this.#loaded;
  }

  #reload(): void {
    this.#snapshot = new FileSnapshot();
    try {
      const loaded = loadWebConfig(this.#file, (path) => this.#snapshot.read(path));
      const mistakes = removedProtections(this.#loaded, loaded).map(
        (protection) => `would take ${protection} away, which needs a restart`,
      );
      if (mistakes.length > 0) throw new WebConfigError(this.#file, mistakes);
      this.#loaded = loaded;
      this.#failure = undefined;
      this.#logger.info('web configuration re-read', { file: this.#file });
    } catch (error) {
      if (!(error instanceof WebConfigError)) throw error;
      if (error.message !== this.#failure?.text) {
        this.#logger.error('web configuration is broken, the one before stays in force', {
          error: error.message,
        });
      }
      this.#failure = { text: error.message, atMs: this.#nowMs() };
    }
  }
}
