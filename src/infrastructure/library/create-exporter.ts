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

/** What a scrape through `collect` asks for; all of it is optional. */
export interface CollectRequest {
  /** The scraper's Accept header: what the format is negotiated by. Without it the answer is text 0.0.4. */
  readonly accept?: string | undefined;
  /** What the scraper's X-Prometheus-Scrape-Timeout-Seconds header says. When it has passed, what has arrived is the answer. */
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

/** An exporter that is part of another program. Nothing listens and nothing is connected until it is asked for something. */
export interface Exporter {
  /**
   * Scrapes all targets. Failures of targets are in the answer; rejects with the signal's reason, or with
   * TooManyScrapesError where too much is under way already.
   */
  collect(signal?: AbortSignal, request?: CollectRequest): Promise<CollectedMetrics>;
  /** Lists the targets and how each fared when it was last scraped. Fetches nothing. */
  targets(signal?: AbortSignal): Promise<TargetList>;
  /** The exporter's paths as a Koa router, for a foreign Koa app, also under a prefix. */
  readonly router: Router;
  /** The exporter's paths as a Koa app of its own. */
  readonly app: Koa;
  /** Answers a request of Node's http server, of Express and of whatever else has Node's objects. Needs no `this`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Listens at `httpListenAddress` and `httpListenPort` and resolves with where. Not needed where another server is used. */
  start(): Promise<AddressInfo>;
  /**
   * Closes what the exporter has opened: its listener, once the answers in flight are through, its sessions and connections.
   * Parts that were given stay open. Stop scraping before; to stop twice does no harm.
   */
  stop(): Promise<void>;
}

/**
 * Puts an exporter together. Throws ConfigurationError with all mistakes of the options at once.
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
