import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type Server } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';

import { clientCertificateRefusal, unverifiedText } from './client-certificate.ts';
import type { LoadedWebConfig } from './config/load-web-config.ts';
import type { RefusalLog } from './refusal-log.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
const UNKNOWN_PEER = { remoteAddress: 'unknown' };

/**
 * Does the TLS handshakes. Each change of the TLS settings gets its own `tls.Server`, and with it new session keys: a session
 * that was established under an earlier certificate authority can't be resumed.
 */
export class TlsFront {
  readonly #refusals: RefusalLog;
  readonly #serve: (connection: Duplex) => void;
  readonly #serverOf = new WeakMap<Duplex, Server>();
  #server: Server | undefined;
  #config: LoadedWebConfig | undefined;

  constructor(refusals: RefusalLog, serve: (connection: Duplex) => void) {
    this.#refusals = refusals;
    this.#serve = serve;
  }

  /** Starts a handshake on the socket; returns false if the configuration has no TLS. */
  accept(config: LoadedWebConfig, socket: Socket): boolean {
    const server = this.#serverFor(config);
    if (server === undefined) return false;
    server.emit('connection', socket);
    return true;
  }

  /** Whether a connection was made under the current TLS settings. */
  isUpToDate(config: LoadedWebConfig, connection: Duplex): boolean {
    return this.#serverOf.get(connection) === this.#serverFor(config);
  }

  #serverFor(config: LoadedWebConfig): Server | undefined {
    if (config === this.#config) return this.#server;
    const before = this.#config;
    this.#config = config;
    if (before === undefined || !hasSameTls(before, config)) this.#server = this.#createServer(config);
    return this.#server;
  }

  #createServer({ tls, tlsOptions }: LoadedWebConfig): Server | undefined {
    if (tls === undefined || tlsOptions === undefined) return undefined;
    const server = createServer({
      ...tlsOptions,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    server.on('secureConnection', (socket) => {
      const refusal = clientCertificateRefusal(tls, socket);
      if (refusal !== undefined) {
        this.#refusals.report('tls', socket, refusal);
        socket.destroy();
        return;
      }
      this.#serverOf.set(socket, server);
      this.#serve(socket);
    });
    server.on('tlsClientError', (error, socket) => {
      // Typed as Error, but in fact a code of OpenSSL or null.
      const unverified: unknown = socket.authorizationError;
      // Node.js has destroyed the socket of a client whose certificate isn't verified: its address is gone.
      if (typeof unverified === 'string')
        this.#refusals.report('tls', UNKNOWN_PEER, unverifiedText(unverified));
      else this.#refusals.report('tls', socket, reasonOf(error));
      socket.destroy();
    });
    return server;
  }
}

/** OpenSSL's reason if the error is from OpenSSL: its message has source file names around the reason. */
function reasonOf(error: Error & { readonly reason?: string }): string {
  return error.reason ?? error.message;
}

function hasSameTls(a: LoadedWebConfig, b: LoadedWebConfig): boolean {
  return isDeepStrictEqual([a.tls, a.tlsOptions], [b.tls, b.tlsOptions]);
}
