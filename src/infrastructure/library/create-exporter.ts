import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Router } from '@koa/router';
import type Koa from 'koa';

import type { TargetList } from '../../application/list-targets.ts';
import { bindParts } from '../container/bind-parts.ts';
import { buildContainer } from '../container/build-container.ts';
import { SERVICES } from '../container/services.ts';
import { drain } from '../drain.ts';
import type { ExporterOptions } from './exporter-options.ts';
import { readOptions } from './read-options.ts';

/** Optional parameters of a scrape with `collect`. */
export interface CollectRequest {
  /** The scraper's Accept header, from which the format is negotiated. Without it the answer is text 0.0.4. */
  readonly accept?: string | undefined;
  /** The scraper's X-Prometheus-Scrape-Timeout-Seconds header. When the time is over, the answer has what has arrived by then. */
  readonly timeoutSeconds?: number | string | undefined;
  /** Only the targets of these names. */
  readonly containerNames?: readonly string[] | undefined;
}

/** The merged exposition. */
export interface CollectedMetrics {
  /** The exact Content-Type to answer with. */
  readonly contentType: string;
  /** The caller's own copy. */
  readonly bytes: Uint8Array;
}

/** An exporter that is part of another program. It opens no port and no connection until one of its members is used. */
export interface Exporter {
  /**
   * Scrapes all targets. Failures of targets are part of the answer. Rejects with the signal's reason, or with
   * TooManyScrapesError if too many scrapes are under way.
   */
  collect(signal?: AbortSignal, request?: CollectRequest): Promise<CollectedMetrics>;
  /** Lists the targets with the result of each one's last scrape. Fetches nothing. */
  targets(signal?: AbortSignal): Promise<TargetList>;
  /** The exporter's paths as a Koa router, to be used in another Koa app, also under a prefix. */
  readonly router: Router;
  /** The exporter's paths as a Koa app of its own. */
  readonly app: Koa;
  /** Answers a request of Node's http server, of Express or of any other server that passes Node's objects. Needs no `this`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Listens at `httpListenAddress` and `httpListenPort`, and resolves with its address. Not needed with a server of your own. */
  start(): Promise<AddressInfo>;
  /**
   * Closes what the exporter has opened: its listener, once the answers in flight have been sent, its sessions and its
   * connections. Parts of your own stay open. Stop scraping first. Calling it twice does no harm.
   */
  stop(): Promise<void>;
}

/**
 * Creates an exporter. Throws ConfigurationError with all mistakes of the options at once.
 *
 * @example
 * ```ts
 * const exporter = createExporter({ fetchMode: 'http', targetTimeout: '2s' });
 * http.createServer(exporter.handler).listen(9102);
 * ```
 */
export function createExporter(options: ExporterOptions = {}): Exporter {
  const container = buildContainer(readOptions(options));
  bindParts(container, options);
  return new ContainedExporter(container);
}

type ExporterContainer = ReturnType<typeof buildContainer>;

class ContainedExporter implements Exporter {
  readonly router: Router;
  readonly app: Koa;
  readonly handler: Exporter['handler'];
  readonly #container: ExporterContainer;
  #listening: Promise<AddressInfo> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(container: ExporterContainer) {
    this.#container = container;
    this.router = container.get(SERVICES.router);
    this.app = container.get(SERVICES.app);
    const answer = this.app.callback();
    this.handler = (request, response) => void answer(request, response);
  }

  async collect(
    signal: AbortSignal = new AbortController().signal,
    { accept, timeoutSeconds, containerNames = [] }: CollectRequest = {},
  ): Promise<CollectedMetrics> {
    const request = { accept, timeoutSeconds: timeoutSeconds?.toString() };
    const merged = await this.#container
      .get(SERVICES.collectMetrics)
      .collect(request, containerNames, signal);
    try {
      return { contentType: merged.contentType, bytes: Buffer.concat(merged.chunks) };
    } finally {
      merged.release();
    }
  }

  targets(signal: AbortSignal = new AbortController().signal): Promise<TargetList> {
    return this.#container.get(SERVICES.listTargets).list(signal);
  }

  async start(): Promise<AddressInfo> {
    if (this.#stopped !== undefined) throw new Error('the exporter has been stopped: make a new one');
    this.#listening ??= this.#listen();
    return this.#listening;
  }

  async #listen(): Promise<AddressInfo> {
    const { httpListenAddress, httpListenPort } = this.#container.get(SERVICES.settings);
    try {
      return await this.#container.get(SERVICES.webServer).listen(httpListenAddress, httpListenPort);
    } catch (error) {
      // It may be tried again.
      this.#listening = undefined;
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #close(): Promise<void> {
    const isListening = await this.#listening?.then(
      () => true,
      () => false,
    );
    if (isListening === true) {
      await drain(this.#container.get(SERVICES.webServer), this.#container.get(SERVICES.logger));
    }
    await this.#container.get(SERVICES.closing).disposeAsync();
  }
}
