import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

import type { DockerOperation } from '../../../src/adapters/docker/connection/api-requests.ts';
import type { ListedContainer } from '../../../src/adapters/docker/connection/listed-container.ts';
import { ScriptedExec, type ExecProgram } from './scripted-exec.ts';

/** A way to misbehave for one kind of request. */
export type Misbehaviour =
  | { readonly kind: 'freeze' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'cut-in-body' }
  | { readonly kind: 'answer'; readonly status: number; readonly message: string }
  | { readonly kind: 'text'; readonly text: string };

export interface ScriptedEngineOptions {
  readonly containers?: readonly ListedContainer[];
  /** Plays the part of each exec's program; default: ends at once with exit code 0. */
  readonly run?: ExecProgram;
  /** Versions in a path below it are refused, as Docker 29 does below 1.44. */
  readonly minApi?: string;
  readonly api?: string;
}

/** The daemon's answer to GET /containers/json, recorded from Docker 20.10 (API 1.41). */
export function recordedContainers(): ListedContainer[] {
  const path = join(import.meta.dirname, 'recorded/containers.json');
  return JSON.parse(readFileSync(path, 'utf8')) as ListedContainer[];
}

/** The recorded container of this Docker name. */
export function recordedContainer(name: string): ListedContainer {
  const found = recordedContainers().find((container) => container.Names.includes(`/${name}`));
  if (found === undefined) throw new Error(`no recorded container ${name}`);
  return found;
}

/** An in-process Docker Engine on a unix socket that answers like the real one, and misbehaves on command. */
export class ScriptedEngine implements AsyncDisposable {
  readonly socketPath: string;
  /** Method and path of each request. */
  readonly requests: string[] = [];
  readonly execs: ScriptedExec[] = [];
  containers: readonly ListedContainer[];
  run: ExecProgram;
  readonly #folder: string;
  readonly #options: ScriptedEngineOptions;
  readonly #misbehaviours = new Map<DockerOperation, Misbehaviour[]>();
  readonly #always = new Map<DockerOperation, Misbehaviour>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(options: ScriptedEngineOptions) {
    this.#options = options;
    this.containers = options.containers ?? recordedContainers();
    this.run = options.run ?? ((exec) => exec.end(0));
    this.#folder = mkdtempSync(join(tmpdir(), 'scripted-engine-'));
    this.socketPath = join(this.#folder, 'docker.sock');
  }

  static async start(options: ScriptedEngineOptions = {}): Promise<ScriptedEngine> {
    const engine = new ScriptedEngine(options);
    await engine.listen();
    return engine;
  }

  get host(): string {
    return `unix://${this.socketPath}`;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Misbehaves from now on for every request of this kind; undefined: no longer. */
  always(operation: DockerOperation, misbehaviour: Misbehaviour | undefined): void {
    if (misbehaviour === undefined) this.#always.delete(operation);
    else this.#always.set(operation, misbehaviour);
  }

  /** Misbehaves for the next request of this kind. */
  once(operation: DockerOperation, misbehaviour: Misbehaviour): void {
    this.#misbehaviours.set(operation, [...(this.#misbehaviours.get(operation) ?? []), misbehaviour]);
  }

  /** Listens again after `stop`. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve));
  }

  /** Closes the socket and cuts all connections, as a daemon that stops does. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = this.#record(request);
    const body = await readBody(request);
    const version = /^\/v([0-9.]+)\//.exec(url.pathname)?.[1];
    const { minApi = '1.24' } = this.#options;
    if (version !== undefined && Number(version.split('.')[1]) < Number(minApi.split('.')[1])) {
      const text = `client version ${version} is too old. Minimum supported API version is ${minApi}, please upgrade your client to a newer version`;
      this.#json(response, 400, { message: text });
      return;
    }
    const path = url.pathname.replace(/^\/v[0-9.]+/, '');
    const operation = operationOf(path, url);
    if (operation === undefined) {
      this.#json(response, 404, { message: 'page not found' });
      return;
    }
    const misbehaviour = this.#misbehaviour(operation);
    if (misbehaviour !== undefined) this.#misbehave(misbehaviour, response);
    else this.#answer(operation, path, url, body, response);
  }

  #answer(operation: DockerOperation, path: string, url: URL, body: string, response: ServerResponse): void {
    const id = path.split('/')[2] ?? '';
    if (operation === 'list' || operation === 'ping') this.#json(response, 200, this.#filtered(url));
    else if (operation === 'exec_create') this.#createExec(id, body, response);
    else if (operation === 'exec_inspect') {
      const exec = this.execs.find((one) => one.id === id);
      const ExitCode = exec?.exitCode ?? null;
      this.#json(response, exec === undefined ? 404 : 200, { ID: id, Running: ExitCode === null, ExitCode });
    } else this.#json(response, 400, { message: 'not hijacked' });
  }

  #createExec(containerId: string, body: string, response: ServerResponse): void {
    const container = this.containers.find((one) => one.Id === containerId) as { State?: string } | undefined;
    if (container === undefined) {
      this.#json(response, 404, { message: `No such container: ${containerId}` });
    } else if (container.State === 'paused') {
      const message = `Container ${containerId} is paused, unpause the container before exec`;
      this.#json(response, 409, { message });
    } else {
      const id = String(this.execs.length + 1).padStart(64, '0');
      this.execs.push(new ScriptedExec(id, containerId, JSON.parse(body) as Record<string, unknown>));
      this.#json(response, 201, { Id: id });
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = this.#record(request);
    // The request's body is not part of the stream.
    await skipBytes(socket, head, Number(request.headers['content-length'] ?? 0));
    const misbehaviour = this.#misbehaviour('exec_start');
    if (misbehaviour?.kind === 'freeze') return;
    if (misbehaviour?.kind === 'answer') {
      const text = JSON.stringify({ message: misbehaviour.message });
      socket.end(
        `HTTP/1.1 ${misbehaviour.status} Sorry\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      );
      return;
    }
    if (misbehaviour !== undefined) {
      socket.destroy();
      return;
    }
    const exec = this.execs.find((one) => one.id === url.pathname.split('/')[2]);
    if (exec === undefined) throw new Error('no such exec');
    exec.connection = socket;
    socket.write(
      'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n' +
        'Connection: Upgrade\r\nUpgrade: tcp\r\nApi-Version: 1.41\r\n\r\n',
    );
    this.run(exec);
    socket.on('end', () => exec.stdinEnded()).resume();
  }

  #record(request: IncomingMessage): URL {
    const url = new URL(request.url ?? '/', 'http://docker');
    this.requests.push(`${request.method ?? ''} ${url.pathname}`);
    return url;
  }

  #misbehaviour(operation: DockerOperation): Misbehaviour | undefined {
    return this.#misbehaviours.get(operation)?.shift() ?? this.#always.get(operation);
  }

  #misbehave(misbehaviour: Misbehaviour, response: ServerResponse): void {
    if (misbehaviour.kind === 'reset') response.socket?.destroy();
    else if (misbehaviour.kind === 'answer') {
      this.#json(response, misbehaviour.status, { message: misbehaviour.message });
    } else if (misbehaviour.kind === 'text') response.end(misbehaviour.text);
    else if (misbehaviour.kind === 'cut-in-body') {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 });
      response.write('[{"Id":');
      setTimeout(() => response.socket?.destroy(), 20);
    }
  }

  #filtered(url: URL): ListedContainer[] {
    const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as Record<string, string[]>;
    const labels = filters['label'] ?? [];
    const ids = filters['id'];
    return this.containers.filter(
      ({ Id, Labels }) =>
        labels.every((label) => label in Labels) &&
        (ids === undefined || ids.some((id) => Id.startsWith(id))),
    );
  }

  #json(response: ServerResponse, status: number, value: unknown): void {
    const text = JSON.stringify(value);
    response.writeHead(status, {
      'Api-Version': this.#options.api ?? '1.41',
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
    });
    response.end(text);
  }
}

function operationOf(path: string, url: URL): DockerOperation | undefined {
  if (path === '/containers/json') return url.searchParams.has('limit') ? 'ping' : 'list';
  if (/^\/containers\/[^/]+\/exec$/.test(path)) return 'exec_create';
  if (/^\/exec\/[^/]+\/start$/.test(path)) return 'exec_start';
  if (/^\/exec\/[^/]+\/json$/.test(path)) return 'exec_inspect';
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString('latin1');
  return text;
}

async function skipBytes(socket: Duplex, head: Buffer, count: number): Promise<void> {
  let bytes = head;
  while (bytes.length < count) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    bytes = Buffer.concat([bytes, chunk]);
  }
  if (bytes.length > count) socket.unshift(bytes.subarray(count));
}
