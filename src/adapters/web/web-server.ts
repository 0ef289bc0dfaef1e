import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Logger } from '../../domain/logger.ts';
import { AllowList, type Cidr } from './allow-list.ts';
import { BasicAuth } from './auth/basic-auth.ts';
import { type PasswordComparer, WorkerPasswordComparer } from './auth/password-comparer.ts';
import { RefusalLog } from './refusal-log.ts';
import { RequestGuard } from './request-guard.ts';
import { TlsFront } from './tls-front.ts';
import {
  FileWebConfigSource,
  OPEN_WEB_CONFIG_SOURCE,
  type WebConfigSource,
} from './config/web-config-source.ts';

/** Longer than the 5 min after which Prometheus closes an idle connection, so that no request meets a connection that we close. */
const KEEP_ALIVE_MS = 310_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

export interface WebServerOptions {
  /** Undefined: plain HTTP without auth. */
  readonly configFile: string | undefined;
  /** Empty: everybody may connect. */
  readonly allowCidrs: readonly Cidr[];
  readonly logger: Logger;
  readonly handler: RequestListener;
  readonly passwordComparer?: PasswordComparer;
}

/**
 * The HTTP/1.1 server of the exporter. Refuses addresses that are not allowed, applies TLS and basic auth as in the web
 * configuration (whose changes it follows), and passes the remaining requests to the handler.
 */
export class WebServer {
  readonly #config: WebConfigSource;
  readonly #allowList: AllowList;
  readonly #refusals: RefusalLog;
  readonly #logger: Logger;
  readonly #handler: RequestListener;
  readonly #auth: BasicAuth;
  readonly #guard: RequestGuard;
  readonly #tls: TlsFront;
  readonly #http: Server;
  readonly #serveHttp: (connection: Duplex) => void;
  /** By the addresses of both ends, because a TLS socket gives no access to the socket below it. */
  readonly #connections = new Map<string, Socket>();
  readonly #responses = new Set<ServerResponse>();
  #isClosing = false;

  /** Throws WebConfigError if the file is not usable. */
  constructor(options: WebServerOptions) {
    const { configFile, logger } = options;
    this.#config =
      configFile === undefined ? OPEN_WEB_CONFIG_SOURCE : new FileWebConfigSource(configFile, logger);
    this.#allowList = new AllowList(options.allowCidrs);
    this.#refusals = new RefusalLog(logger);
    this.#logger = logger;
    this.#handler = options.handler;
    this.#auth = new BasicAuth(options.passwordComparer ?? new WorkerPasswordComparer());
    this.#guard = new RequestGuard(this.#auth, this.#refusals, logger);
    this.#http = createServer(
      {
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
      },
      (request, response) => {
        this.#serve(request, response).catch((error: unknown) => {
          logger.error('request failed', { error: String(error) });
          response.destroy();
        });
      },
    );
    // Node's own version treats a response as finished while the client has still to read it.
    this.#http.closeIdleConnections = () => this.#closeIdleConnections();
    this.#serveHttp = takeOverConnections(this.#http, (socket) => this.#accept(socket));
    this.#tls = new TlsFront(this.#refusals, this.#serveHttp);
  }

  /** Resolves with the address that it listens on. Rejects if it can't listen, for example if the port is in use. */
  listen(address: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen({ host: address, port }, () => {
        this.#http.off('error', reject);
        // A connection that can't be accepted must not end the process.
        this.#http.on('error', (error) =>
          this.#logger.error('connection not accepted', { error: error.message }),
        );
        resolve(this.#http.address() as AddressInfo);
      });
    });
  }

  /** Whether a client that connects now is served with TLS. */
  get isTls(): boolean {
    return this.#config.current().tls !== undefined;
  }

  /** Accepts no more connections, lets running responses finish and resolves when the last connection is closed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const response of this.#responses) announceClose(response);
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
    await this.#auth.close();
  }

  /** Closes the connections that `close()` is still waiting for. */
  closeAllConnections(): void {
    for (const socket of this.#connections.values()) socket.destroy();
  }

  #closeIdleConnections(): void {
    const busyPeers = new Set([...this.#responses].map(({ req }) => peerOf(req.socket)));
    for (const [peer, socket] of this.#connections) {
      if (!busyPeers.has(peer)) socket.destroy();
    }
  }

  #accept(socket: Socket): void {
    if (!this.#allowList.allows(socket.remoteAddress)) {
      this.#refusals.report('address', socket, 'not in HTTP_ALLOW_CIDRS');
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.#connections.set(peer, socket);
    socket.once('close', () => {
      // The peer may have connected again already, from the same port.
      if (this.#connections.get(peer) === socket) this.#connections.delete(peer);
    });
    if (!this.#tls.accept(this.#config.current(), socket)) this.#serveHttp(socket);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      if (this.#isClosing) setImmediate(() => this.#http.closeIdleConnections());
    });
    const config = this.#config.current();
    if (this.#isClosing || !this.#tls.isUpToDate(config, request.socket)) announceClose(response);
    if (await this.#guard.admits(config, request, response)) this.#handler(request, response);
  }
}

/**
 * Passes the server's new sockets to `accept` instead of its HTTP parser, and returns a function that passes a stream to the
 * parser: the original listener of `connection`. Node.js documents that event as the way to inject any stream.
 */
function takeOverConnections(server: Server, accept: (socket: Socket) => void): (connection: Duplex) => void {
  const [serveHttp] = server.listeners('connection');
  if (serveHttp === undefined) throw new Error('http.Server has no listener for its connections');
  server.removeAllListeners('connection');
  server.on('connection', accept);
  return (connection) => serveHttp.call(server, connection) as undefined;
}

function announceClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
}
