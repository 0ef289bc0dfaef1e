import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { join } from 'node:path';
import { inspect } from 'node:util';
import Docker from 'dockerode';

/** Where the Docker daemon listens: the values of Docker's own variables. */
export interface DockerConnection {
  /** DOCKER_HOST; undefined: unix:///var/run/docker.sock. */
  readonly host?: string | undefined;
  /** DOCKER_TLS_VERIFY is set: TLS, and the daemon's certificate is verified. */
  readonly verifiesTls?: boolean | undefined;
  /** DOCKER_CERT_PATH: folder with ca.pem, cert.pem and key.pem. */
  readonly certPath?: string | undefined;
}

/** A connection, read. */
export type DockerAddress =
  | { readonly kind: 'unix'; readonly socketPath: string; readonly text: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly usesTls: boolean;
      readonly text: string;
    };

/** The daemon can't be asked, whatever it does: the settings are wrong. Not used where it doesn't answer. */
export class DockerConnectionError extends Error {
  override readonly name = 'DockerConnectionError';
}

const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/** Reads a connection as Docker's own client does. Throws where it can't be understood, in words for an operator. */
export function parseDockerAddress(connection: DockerConnection): DockerAddress {
  const text = connection.host ?? DEFAULT_DOCKER_HOST;
  if (text.startsWith('unix:///')) return { kind: 'unix', socketPath: text.slice('unix://'.length), text };
  if (text.includes('@'))
    throw new DockerConnectionError('DOCKER_HOST has an "@": the Docker API takes no user name or password');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '' || !['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    throw new DockerConnectionError(
      `DOCKER_HOST "${text}" is not understood: write unix:///path/to/docker.sock or tcp://host:port`,
    );
  }
  const usesTls =
    url.protocol === 'https:' || connection.verifiesTls === true || connection.certPath !== undefined;
  // A URL leaves out a port that is its scheme's own.
  const schemePort = { 'http:': 80, 'https:': 443 }[url.protocol];
  const written = /:(\d+)\/?$/.exec(text)?.[1] ?? url.port;
  const port = Number(written) || (schemePort ?? (usesTls ? 2376 : 2375));
  return { kind: 'tcp', host: url.hostname, port, usesTls, text };
}

/** Makes the client. No API version is pinned, and no connection is kept: after a restart of the daemon none is stale. */
export function createDockerClient(connection: DockerConnection): Docker {
  const address = parseDockerAddress(connection);
  if (address.kind === 'unix') {
    const agent = new HttpAgent({ keepAlive: false });
    return newClient({ protocol: 'http', socketPath: address.socketPath, agent });
  }
  const { host, port } = address;
  if (!address.usesTls) {
    return newClient({ host, port, protocol: 'http', agent: new HttpAgent({ keepAlive: false }) });
  }
  const files = connection.certPath === undefined ? {} : readCertificates(connection.certPath);
  const agent = new HttpsAgent({
    keepAlive: false,
    rejectUnauthorized: connection.verifiesTls ?? false,
    ...files,
  });
  return newClient({ host, port, protocol: 'https', agent });
}

/**
 * Makes the library's client (its types lack the agent). For each request it writes a debug text of all options, even
 * where nobody reads it: with the agent's sockets in it, that took longer than the request.
 */
function newClient(options: Docker.DockerOptions & { readonly agent: HttpAgent }): Docker {
  Object.assign(options.agent, { [inspect.custom]: () => 'Agent' });
  return withoutEnvironment(() => new Docker(options));
}

/** Where DOCKER_HOST is set, the library reads it and its companions before it looks at its options, and throws where it can't. */
function withoutEnvironment<T>(make: () => T): T {
  const { env } = process;
  process.env = {};
  try {
    return make();
  } finally {
    process.env = env;
  }
}

function readCertificates(folder: string): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (name: string, parse: (pem: Buffer) => unknown): Buffer => {
    const file = join(folder, name);
    try {
      const pem = readFileSync(file);
      parse(pem);
      return pem;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const where = why.includes(file) ? '' : `${file}: `;
      throw new DockerConnectionError(
        `DOCKER_CERT_PATH must hold ca.pem, cert.pem and key.pem: ${where}${why}`,
        { cause },
      );
    }
  };
  const asCertificate = (pem: Buffer): X509Certificate => new X509Certificate(pem);
  return {
    ca: read('ca.pem', asCertificate),
    cert: read('cert.pem', asCertificate),
    key: read('key.pem', createPrivateKey),
  };
}
