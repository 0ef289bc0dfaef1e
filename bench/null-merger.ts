import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

// A separate process that does the least that a merger can do, on raw sockets. It fetches the bodies of all targets at once, over
// kept connections or (first argument: new) new ones, reads nothing but their length, and answers with the bodies back to back.
// The other arguments are the targets' ports.
const [, , connections, ...portTexts] = process.argv;
const keepsConnections = connections !== 'new';
const ports = portTexts.map(Number);
const request = 'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const READ_BYTES = 128 * 1024;
const readBuffer = Buffer.alloc(READ_BYTES);

class Target {
  readonly #port: number;
  #socket: Socket | undefined;
  #body = Buffer.alloc(0);
  #length = -1;
  #done: (body: Buffer) => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  fetch(): Promise<Buffer> {
    this.#length = -1;
    this.#socket ??= this.#open();
    this.#socket.write(request);
    return new Promise((resolve) => (this.#done = resolve));
  }

  #open(): Socket {
    const callback = (byteCount: number): boolean => {
      this.#read(readBuffer.subarray(0, byteCount));
      return true;
    };
    return connect({ host: '127.0.0.1', port: this.#port, onread: { buffer: readBuffer, callback } });
  }

  #read(bytes: Buffer): void {
    let from = 0;
    if (this.#length < 0) {
      from = bytes.indexOf('\r\n\r\n') + 4;
      const [, length = ''] = /Content-Length: (\d+)/.exec(bytes.toString('latin1', 0, from)) ?? [];
      if (this.#body.length !== Number(length)) this.#body = Buffer.allocUnsafeSlow(Number(length));
      this.#length = 0;
    }
    this.#length += bytes.copy(this.#body, this.#length, from);
    if (this.#length !== this.#body.length) return;
    if (!keepsConnections) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    this.#done(this.#body);
  }
}

const targets = ports.map((port) => new Target(port));
const server = createServer((socket) => {
  socket.on('data', () => {
    void Promise.all(targets.map((target) => target.fetch())).then((bodies) => {
      const length = bodies.reduce((sum, body) => sum + body.length, 0);
      socket.cork();
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`);
      for (const body of bodies) socket.write(body);
      socket.uncork();
    });
  });
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
