import type { Duplex } from 'node:stream';
import type { DockerObserver, ExecKind } from '../../../domain/reporting/docker-observer.ts';
import type Docker from 'dockerode';

import type { DockerOperation } from './api-requests.ts';
import { parseDockerAddress, type DockerAddress, type DockerConnection } from './docker-address.ts';
import { createDockerClient } from './docker-client.ts';
import { readListed, type ListedContainer } from './listed-container.ts';
import { orAborted } from './or-aborted.ts';
import { DockerRequestError } from './docker-request-error.ts';
import { explainDockerError } from './explain-docker-error.ts';

type RequestObserver = Pick<DockerObserver, 'observeDockerRequest'>;

/** One exec to be started. No user, environment or privilege can be named: it runs as the container does. */
export interface ExecSpec {
  readonly containerId: string;
  readonly command: readonly string[];
  /** Its purpose: only a session has a stdin. */
  readonly kind: ExecKind;
}

/**
 * Makes our requests of the Docker daemon (see api-requests). Each rejects with DockerRequestError, or with the signal's
 * reason as soon as that aborts, whatever the daemon and its client library do.
 */
export class DockerEngine {
  readonly #client: Docker;
  readonly #address: DockerAddress;
  readonly #observer: RequestObserver | undefined;

  /** Throws if the connection can't be understood or its certificates can't be read. Opens nothing yet. */
  constructor(connection: DockerConnection, observer?: RequestObserver) {
    this.#address = parseDockerAddress(connection);
    this.#client = createDockerClient(connection);
    this.#observer = observer;
  }

  /** The daemon's address as DOCKER_HOST writes it. */
  get address(): string {
    return this.#address.text;
  }

  /** The reason why a request under this signal was rejected, in words for an operator. */
  explain(error: unknown, signal: AbortSignal): string {
    if (error instanceof DockerRequestError) return error.message;
    if (signal.aborted) {
      return `the Docker daemon at ${this.address} accepts connections but did not answer in time: it may be frozen or overloaded (systemctl status docker)`;
    }
    return error instanceof Error ? error.message : String(error);
  }

  /** Running containers (paused ones, too) that match all filters. */
  async list(filters: Record<string, string[]>, signal: AbortSignal): Promise<ListedContainer[]> {
    return this.#list('list', { filters }, signal);
  }

  /** Resolves if the daemon answers: it lists one container. */
  async ping(signal: AbortSignal): Promise<void> {
    await this.#list('ping', { limit: 1 }, signal);
  }

  async createExec(spec: ExecSpec, signal: AbortSignal): Promise<Docker.Exec> {
    const options = {
      Cmd: [...spec.command],
      AttachStdin: spec.kind === 'session',
      AttachStdout: true,
      AttachStderr: true,
      WorkingDir: '/',
    };
    return this.#request('exec_create', signal, (abortSignal) =>
      this.#client.getContainer(spec.containerId).exec({ ...options, abortSignal }),
    );
  }

  /** Starts an exec and resolves with its connection, which the caller destroys. */
  async startExec(exec: Docker.Exec, hasStdin: boolean, signal: AbortSignal): Promise<Duplex> {
    // The library leaves the request open if an exec with stdin is refused.
    const attempt = new AbortController();
    const start = async (): Promise<Duplex> => {
      const connection = await exec.start({
        hijack: true,
        stdin: hasStdin,
        abortSignal: AbortSignal.any([signal, attempt.signal]),
      });
      if (signal.aborted) connection.destroy();
      return connection;
    };
    try {
      return await this.#request('exec_start', signal, start);
    } catch (error) {
      attempt.abort();
      throw error;
    }
  }

  /** The exit code, once the exec has ended; undefined while it runs. */
  async exitCode(exec: Docker.Exec, signal: AbortSignal): Promise<number | undefined> {
    const { Running, ExitCode } = await this.#request('exec_inspect', signal, (abortSignal) =>
      exec.inspect({ abortSignal }),
    );
    return Running ? undefined : (ExitCode ?? undefined);
  }

  async #list(
    operation: DockerOperation,
    options: Docker.ContainerListOptions,
    signal: AbortSignal,
  ): Promise<ListedContainer[]> {
    const answer: unknown = await this.#request(operation, signal, (abortSignal) =>
      this.#client.listContainers({ ...options, abortSignal }),
    );
    if (!Array.isArray(answer)) {
      throw new DockerRequestError(
        `what answers at ${this.address} is not a Docker daemon: check DOCKER_HOST`,
        undefined,
      );
    }
    return answer.map(readListed).filter((container) => container !== undefined);
  }

  async #request<T>(
    operation: DockerOperation,
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const startedMs = performance.now();
    try {
      // The library's promise never settles if the daemon goes away in the middle of an answer.
      return await orAborted(send(signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new DockerRequestError(explainDockerError(error, this.#address), error);
    } finally {
      this.#observer?.observeDockerRequest(operation, (performance.now() - startedMs) / 1000);
    }
  }
}
