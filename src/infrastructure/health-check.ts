import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { Settings } from './config/settings.ts';

type HealthCheckSettings = Pick<
  Settings,
  'httpListenAddress' | 'httpListenPort' | 'webConfigFile' | 'httpAllowCidrs'
>;

/** The result of one connection. */
type Answer =
  | { readonly kind: 'status'; readonly status: number }
  /** A TLS alert, or another failure of the handshake. */
  | { readonly kind: 'tls'; readonly code: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'none'; readonly detail: string };

const REQUEST = 'GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** A server that listens on all addresses is reached at the loopback address. */
const LOOPBACK_OF_ALL: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const TIMEOUT_MS = 4000;
const MAX_STATUS_LINE = 200;
/** OpenSSL's codes when the server speaks plain HTTP. */
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);
/** Statuses that only a living server sends. With 401 and 429: the check has no password, and no path is exempt from auth. */
const LIVING_STATUSES: ReadonlySet<number> = new Set([200, 401, 429]);

/**
 * Checks that the exporter of this container is alive. Resolves with the exit code: 0, or 1 after a call of `report` with the
 * reason. It connects to the exporter's port and only needs an answer from its event loop.
 *
 * It has neither password nor certificate and may be missing in the allow list, so if the settings have such guards, a refusal
 * counts as an answer. Silence, a refused connection or another status never does. So no path, address or client has to be
 * exempt from the guards, no file is read (the web configuration may be broken just now), and the result does not depend on
 * Docker or a target.
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
    // Any certificate will do: nothing secret is sent.
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
      // A write before the end of the handshake would hide OpenSSL's code (EPROTO).
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
