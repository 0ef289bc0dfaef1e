/** The way to the Docker daemon: the values of Docker's own variables. */
export interface DockerConnection {
  /** DOCKER_HOST; undefined: unix:///var/run/docker.sock. */
  readonly host?: string | undefined;
  /** DOCKER_TLS_VERIFY is set: TLS, and the daemon's certificate is verified. */
  readonly verifiesTls?: boolean | undefined;
  /** DOCKER_CERT_PATH: folder with ca.pem, cert.pem and key.pem. */
  readonly certPath?: string | undefined;
}

/** The daemon's address, as read from a connection. */
export type DockerAddress =
  | { readonly kind: 'unix'; readonly socketPath: string; readonly text: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly usesTls: boolean;
      readonly text: string;
    };

/** The settings of the connection are wrong. Not used if the daemon doesn't answer. */
export class DockerConnectionError extends Error {
  override readonly name = 'DockerConnectionError';
}

const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/**
 * Reads a connection as Docker's own client does. Throws DockerConnectionError, in words for an operator, if it can't be
 * understood.
 */
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
