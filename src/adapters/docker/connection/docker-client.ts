import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { join } from 'node:path';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import { DockerConnectionError, parseDockerAddress, type DockerConnection } from './docker-address.ts';

/** Makes the client. No API version is pinned, and no connection is kept: none is stale after a restart of the daemon. */
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
 * Makes the library's client (its types lack the agent). For each request it formats a debug text of all options,
 * also with debugging off: with the agent's sockets in it, that took longer than the request.
 */
function newClient(options: Docker.DockerOptions & { readonly agent: HttpAgent }): Docker {
  Object.assign(options.agent, { [inspect.custom]: () => 'Agent' });
  return withoutEnvironment(() => new Docker(options));
}

/** If DOCKER_HOST is set, the library reads it and its companions before its options, and throws if it can't. */
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
