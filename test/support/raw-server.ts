import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { delay } from './fakes.ts';

/** Answers a request with bytes of its own choice. `nth` counts the requests of the server from 0. */
export type Serve = (socket: Socket, request: string, nth: number) => void;

/** A TCP server on loopback that does with each request what the test says. */
export class RawServer implements AsyncDisposable {
  readonly requests: string[] = [];
  readonly sockets = new Set<Socket>();
  connections = 0;
  readonly #server: Server;

  private constructor(serve: Serve) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket)).on('error', () => socket.destroy());
      let received = '';
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1');
        for (let end; (end = received.indexOf('\r\n\r\n')) !== -1; received = received.slice(end + 4)) {
          this.requests.push(received.slice(0, end));
          serve(socket, received.slice(0, end), this.requests.length - 1);
        }
      });
    });
  }

  static async start(serve: Serve, host = '127.0.0.1'): Promise<RawServer> {
    const server = new RawServer(serve);
    server.#server.listen(0, host);
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits until so many connections are open. */
  async untilOpen(count: number): Promise<void> {
    while (this.sockets.size !== count) await delay(5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Serves the given pieces of one response, then closes the connection if told to. */
export function serving(response: string | Uint8Array, options: { readonly closes?: boolean } = {}): Serve {
  return (socket) => {
    socket.write(response, 'latin1');
    if (options.closes === true) socket.end();
  };
}
