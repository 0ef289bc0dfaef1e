import { statSync } from 'node:fs';
import { requestsOf } from './api-requests.ts';
import type { DockerAddress } from './docker-address.ts';
import { facts } from './docker-request-error.ts';

const TLS_CODE = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|EPROTO$)/;

const ALWAYS = requestsOf('http');
const FOR_EXEC = requestsOf('exec').filter((request) => !ALWAYS.includes(request));
const ALLOW = `allow ${inWords(ALWAYS)}, and for exec mode ${inWords(FOR_EXEC)}`;

/** Puts an error of docker-modem into words that an operator can act on. */
export function explainDockerError(error: unknown, address: DockerAddress): string {
  const { message, statusCode, code, answer } = facts(error);
  if (statusCode !== undefined) return explainAnswer(statusCode, answer ?? message, address);
  if (code !== undefined && TLS_CODE.test(code)) return explainTls(code, message, address);
  if (code?.startsWith('HPE_') === true) {
    return `what answers at ${address.text} is not a Docker daemon, or it wants TLS (${message}): check DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH`;
  }
  return address.kind === 'unix'
    ? explainSocket(code, message, address.socketPath)
    : explainTcp(code, message, address);
}

function explainSocket(code: string | undefined, message: string, path: string): string {
  switch (code) {
    case 'ENOENT':
      return (
        `there is no Docker socket at ${path}: mount it into this container ` +
        `(docker run -v ${path}:${path}; in ECS a volume with a host sourcePath and a mountPoint) or set DOCKER_HOST`
      );
    case 'EACCES':
    case 'EPERM':
      return explainPermission(path);
    case 'ECONNREFUSED':
      return statOf(path)?.isDirectory() === true
        ? `${path} is a directory, not Docker's socket: it was mounted before the daemon had made it`
        : `no Docker daemon listens at ${path}: start it (systemctl start docker) or set DOCKER_HOST`;
    default:
      return `the Docker daemon at ${path} closed the connection or can't be reached (${message})`;
  }
}

function explainPermission(path: string): string {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const group = statOf(path)?.gid;
  if (group === undefined) {
    return `not allowed to open ${path} as user ${uid}: a folder above it is closed to us; run as user 0 ("user": "0" in the ECS task definition)`;
  }
  return (
    `not allowed to open ${path} as user ${uid}, group ${gid}: it belongs to group ${group}. ` +
    `ECS task definition: "user": "${uid === 0 ? 1000 : uid}:${group}" (or "0"); docker run: --group-add ${group}`
  );
}

function explainTcp(code: string | undefined, message: string, { text }: DockerAddress): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `no Docker daemon listens at ${text}: check DOCKER_HOST, its port, and that the daemon runs`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host in DOCKER_HOST (${text}) can't be resolved: check its spelling and this container's DNS`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `there is no way to ${text} (${message}): check DOCKER_HOST, routes and security groups`;
    default:
      return `the Docker daemon at ${text} closed the connection or can't be reached (${message}): check DOCKER_HOST, and DOCKER_TLS_VERIFY if it wants TLS`;
  }
}

function explainTls(code: string, message: string, { text }: DockerAddress): string {
  return `TLS with the Docker daemon at ${text} failed (${code}: ${message}): check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH, the host name in DOCKER_HOST, and that this port speaks TLS`;
}

function explainAnswer(statusCode: number, answer: string, { text }: DockerAddress): string {
  const quoted = `"${answer.trim().slice(0, 200)}"`;
  if (/client version .* is too old|api version/i.test(answer)) {
    return `the Docker daemon at ${text} refuses the API version (${quoted}): we name none, so a proxy in between does`;
  }
  if (statusCode === 400 && /HTTPS server/i.test(answer)) {
    return `the Docker daemon at ${text} wants TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH`;
  }
  if (statusCode === 401 || statusCode === 403) {
    return `a socket proxy or an authorization plugin at ${text} refused the request (${statusCode}, ${quoted}): ${ALLOW}`;
  }
  return `the Docker daemon at ${text} answered ${statusCode}: ${quoted}`;
}

function inWords(items: readonly string[]): string {
  const [last = '', ...others] = [...items].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}

function statOf(path: string): { gid: number; isDirectory(): boolean } | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
