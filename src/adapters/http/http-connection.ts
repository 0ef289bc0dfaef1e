import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { FetchOutcome } from '../../domain/fetching/metrics-fetcher.ts';
import type { HttpResponse, Unanswered } from './http-response.ts';

export interface ConnectionOptions {
  readonly scheme: 'http' | 'https';
  /** An IP address without brackets, or a name. */
  readonly host: string;
  readonly port: number;
  /** The certificate must match the host and come from one of the system's authorities. */
  readonly verifiesTls: boolean;
  /** How long it may stay open unused, milliseconds. */
  readonly idleTimeoutMs: number;
  /** Receives the bytes of each read. Connections can share one: each read is processed before the next. */
  readonly readBuffer: Buffer;
  /** Called once it is closed, for any reason. */
  readonly onClosed: (connection: HttpConnection) => void;
}

/** One TCP or TLS connection that carries one request at a time. It keeps the process alive only while it does. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #idleTimeoutMs: number;
  /** The socket's event from which on requests can be sent; a TLS socket emits `connect`, too, before its handshake. */
  readonly #readyEvent: 'connect' | 'secureConnect';
  #isConnected = false;
  #isPaused = false;
  #response: HttpResponse | undefined;
  #error: Error | undefined;

  constructor(options: ConnectionOptions) {
    this.#idleTimeoutMs = options.idleTimeoutMs;
    this.#readyEvent = options.scheme === 'https' ? 'secureConnect' : 'connect';
    this.#socket = openSocket(options, (bytes) => this.#read(bytes));
    this.#socket
      .once(this.#readyEvent, () => {
        this.#isConnected = true;
        this.#socket.setTimeout(0);
      })
      .on('end', () => this.#ended())
      .on('error', (error) => this.#ended(error))
      .on('timeout', () => this.#ended(new Error('connecting took too long')))
      .on('close', () => {
        this.#ended();
        options.onClosed(this);
      });
  }

  /**
   * Sends the request and waits for its response, or for the signal. After anything but a whole response it is closed.
   * `connectTimeoutMs` limits connecting; 0: as long as the signal allows.
   */
  async perform(
    request: string,
    response: HttpResponse,
    signal: AbortSignal,
    connectTimeoutMs: number,
  ): Promise<FetchOutcome | Unanswered> {
    const abort = (): void => response.abort(this.#isConnected);
    signal.addEventListener('abort', abort, { once: true });
    this.#response = response;
    this.#socket.setTimeout(this.#isConnected ? 0 : connectTimeoutMs);
    this.#socket.ref();
    if (signal.aborted) abort();
    else if (this.#socket.destroyed) response.connectionEnded(this.#error);
    else this.#send(request);
    try {
      return await response.outcome;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#response = undefined;
      if (response.allowsReuse) this.#idle();
      else this.#socket.destroy();
    }
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Reads on after a response has asked for a pause. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(request: string): void {
    const write = (): void => void this.#socket.write(request, 'latin1');
    // Not before the handshake is over: nothing goes to a server whose certificate is refused.
    if (this.#isConnected) write();
    else this.#socket.once(this.#readyEvent, write);
  }

  #idle(): void {
    this.resume();
    this.#socket.setTimeout(this.#idleTimeoutMs);
    this.#socket.unref();
  }

  #read(bytes: Buffer): boolean {
    // Bytes without a request would be read as the next response.
    if (this.#response === undefined) this.#socket.destroy();
    // A paused TLS socket still emits the bytes that it has decrypted already: only `resume` ends the pause.
    else if (!this.#response.push(bytes)) this.#isPaused = true;
    return !this.#isPaused;
  }

  #ended(error?: Error): void {
    this.#error ??= error;
    this.#response?.connectionEnded(this.#error);
    this.#socket.destroy();
  }
}

function openSocket(options: ConnectionOptions, read: (bytes: Buffer) => boolean): Socket {
  const { scheme, host, port, verifiesTls, readBuffer } = options;
  const onread = {
    buffer: readBuffer,
    callback: (byteCount: number): boolean => read(readBuffer.subarray(0, byteCount)),
  };
  if (scheme === 'http') return connectTcp({ host, port, onread });
  // TLS sockets accept the options of TCP sockets; their type lacks this one.
  const tlsOptions: TlsOptions & Pick<TcpNetConnectOpts, 'onread'> = {
    host,
    port,
    onread,
    rejectUnauthorized: verifiesTls,
    ALPNProtocols: ['http/1.1'],
    // An address is no server name (RFC 6066 section 3).
    ...(isIP(host) === 0 && { servername: host }),
  };
  return connectTls(tlsOptions);
}
