import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { Settings } from './config/settings.ts';

type HealthCheckSettings = Pick<
  Settings,
  'httpListenAddress' | 'httpListenPort' | 'webConfigFile' | 'httpAllowCidrs'
>;

/** What became of one connection. */
type Answer =
  | { readonly kind: 'status'; readonly status: number }
  /** A TLS alert or other bytes of a handshake that came to nothing. */
  | { readonly kind: 'tls'; readonly code: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'none'; readonly detail: string };

const REQUEST = 'GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** What listens on all addresses is reached on the loopback one. */
const LOOPBACK_OF_ALL: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const TIMEOUT_MS = 4000;
const MAX_STATUS_LINE = 200;
/** What OpenSSL says when the other side speaks plain HTTP. */
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);
/** 401 and 429 take a living server, too: the check has no password, and no path is exempt from asking for one. */
const LIVING_STATUSES: ReadonlySet<number> = new Set([200, 401, 429]);

/**
 * Tells whether the exporter of this container is alive: 0, or 1 with the reason told to `report`. It connects to the
 * exporter's own port and needs an answer from its event loop, no more. It knows no password, has no certificate and may be
 * on no allow list, so being turned away counts as an answer where the settings have guards; silence, a refused connection
 * or a wrong status never does. Thus no path, address or client is exempt from the guards, the file system isn't touched
 * (not even the web configuration, which may be broken just now), and neither Docker nor a target has a say.
 */
export async function runHealthCheck(
  settings: HealthCheckSettings,
  report: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
  timeoutMs: number = TIMEOUT_MS,
): Promise<0 | 1> {
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await ask(settings, signal);
  const isGuarded = settings.webConfigFile !== undefined || settings.httpAllowCidrs.length > 0;
  if (answer.kind === 'status' && LIVING_STATUSES.has(answer.status)) return 0;
  if (isGuarded && (answer.kind === 'closed' || answer.kind === 'tls')) return 0;
  const { host, port } = addressOf(settings);
  report(`unhealthy: ${host} port ${port}: ${describe(answer)}`);
  return 1;
}

async function ask(settings: HealthCheckSettings, signal: AbortSignal): Promise<Answer> {
  const { host, port } = addressOf(settings);
  const plain = (): Promise<Answer> => exchange(connect({ host, port }), signal, (socket) => socket);
  if (settings.webConfigFile === undefined) return plain();
  const answer = await exchange(connect({ host, port }), signal, (socket) =>
    // Whose certificate it is doesn't matter: nothing is sent that is worth protecting.
    connectTls({ socket, rejectUnauthorized: false }),
  );
  return answer.kind === 'tls' && NOT_TLS.has(answer.code) ? plain() : answer;
}

function addressOf({ httpListenAddress, httpListenPort }: HealthCheckSettings): {
  host: string;
  port: number;
} {
  return { host: LOOPBACK_OF_ALL[httpListenAddress] ?? httpListenAddress, port: httpListenPort };
}

/** Connects, sends the request through what `wrap` makes of the connection, and waits for the status line. */
function exchange(socket: Socket, signal: AbortSignal, wrap: (socket: Socket) => Socket): Promise<Answer> {
  return new Promise((resolve) => {
    const finish = (answer: Answer): void => {
      signal.removeEventListener('abort', onTimeout);
      socket.destroy();
      resolve(answer);
    };
    const onTimeout = (): void => finish({ kind: 'none', detail: 'no answer in time' });
    signal.addEventListener('abort', onTimeout, { once: true });
    let isConnected = false;
    const onError = ({ code, message }: NodeJS.ErrnoException): void => {
      if (code?.startsWith('ERR_SSL_')) finish({ kind: 'tls', code });
      else finish(isConnected ? { kind: 'closed' } : { kind: 'none', detail: message });
    };
    socket.on('error', onError);
    socket.once('connect', () => {
      isConnected = true;
      const stream = wrap(socket);
      let text = '';
      stream.on('error', onError);
      stream.once('close', () => finish({ kind: 'closed' }));
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(text)?.[1];
        if (status !== undefined) finish({ kind: 'status', status: Number(status) });
        else if (text.length > MAX_STATUS_LINE) finish({ kind: 'none', detail: 'the answer is not HTTP' });
      });
      const send = (): void => void stream.write(REQUEST);
      // A write that waits for the handshake would hide what OpenSSL says (EPROTO).
      if (stream === socket) send();
      else stream.once('secureConnect', send);
    });
  });
}

function describe(answer: Answer): string {
  switch (answer.kind) {
    case 'status':
      return `status ${answer.status}`;
    case 'tls':
      return `TLS failed (${answer.code})`;
    case 'closed':
      return 'the connection was closed without an answer';
    case 'none':
      return answer.detail;
  }
}
