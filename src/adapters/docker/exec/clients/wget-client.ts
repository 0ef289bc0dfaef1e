import { failure, type Failure } from '../../../../domain/fetching/failure.ts';
import type { FetchRequest } from '../../../../domain/fetching/metrics-fetcher.ts';
import {
  ACCEPT_HEADER,
  concludeBody,
  concludeUnstarted,
  head,
  OUR_HEADER,
  statusFailure,
  type Conclusion,
} from './exec-client.ts';
import type { ExecReply } from '../run/exec-reply.ts';
import { LIMITED } from './shell-functions.ts';

export type WgetFlavour = 'gnu' | 'busybox';

/** wget tries one address of a name only (BusyBox ::1, without falling back): we name both, one after the other. */
export const WGET_HOSTS = ['127.0.0.1', '[::1]'] as const;

/** Tells which wget an image has: GNU's knows the option, BusyBox' says what it is in its usage. */
export const WGET_PROBE = ['wget', '--version'] as const;

/** Their own options; they come first, the URL last. */
export const WGET_OPTIONS: Readonly<Record<WgetFlavour, readonly string[]>> = {
  gnu: ['--no-config', '--no-proxy', '--max-redirect=0', '--tries=1', '-nv', '-S', '-O', '-'],
  busybox: ['-Y', 'off', '-q', '-S', '-O', '-'],
};

/** The argument vector of one fetch at one of the hosts. */
export function wgetCommand(
  flavour: WgetFlavour,
  request: FetchRequest,
  host: string,
  timeoutMs: number,
): readonly string[] {
  const seconds = wgetSeconds(timeoutMs);
  const headers = ['--header', ACCEPT_HEADER, '--header', OUR_HEADER];
  const url = wgetUrl(request, host);
  const wget = ['wget', ...WGET_OPTIONS[flavour], ...wgetTlsOptions(request), ...headers, url];
  return ['sh', '-c', `${LIMITED}\nlimited "$@"`, 'ecs-service-metrics-exporter', seconds, ...wget];
}

function wgetUrl({ target, endpoint }: FetchRequest, host: string): string {
  return `${target.options.scheme}://${host}:${endpoint.port}${endpoint.path}`;
}

export function wgetSeconds(timeoutMs: number): string {
  return String(Math.max(1, Math.ceil(timeoutMs / 1000)));
}

function wgetTlsOptions({ target }: FetchRequest): readonly string[] {
  const { scheme, verifiesTls } = target.options;
  return scheme === 'https' && !verifiesTls ? ['--no-check-certificate'] : [];
}

export const CANNOT_VERIFY = failure(
  'no_client',
  "BusyBox' wget can't verify a certificate: add curl to the image, or leave tls-verify out",
);

/** BusyBox' wget never verifies a certificate. */
export function canVerify(flavour: WgetFlavour, { target }: FetchRequest): boolean {
  return flavour === 'gnu' || target.options.scheme === 'http' || !target.options.verifiesTls;
}

/** Reads what the probe came to. */
export function readWgetFlavour(exitCode: number, reply: ExecReply): WgetFlavour | 'none' | Failure {
  if (exitCode === 0 && reply.tail.includes('GNU Wget')) return 'gnu';
  if (/BusyBox/i.test(reply.stderr)) return 'busybox';
  const unstarted = concludeUnstarted(exitCode, reply);
  return typeof unstarted === 'object' ? unstarted : 'none';
}

// The last three: the container has no such address family.
const NOTHING_THERE =
  /connection refused|cannot assign requested address|network is unreachable|address family not supported/i;

/** Reads what wget came to; `refused`: nothing listens at this host. */
export function concludeWget(
  exitCode: number,
  reply: ExecReply,
  request: FetchRequest,
): Conclusion | 'refused' {
  // timeout(1) of GNU, and a process that got SIGTERM.
  if (exitCode === 124 || exitCode === 143) return failure('timeout', 'no complete answer in time');
  const unstarted = concludeUnstarted(exitCode, reply);
  if (unstarted !== undefined) return unstarted;
  const { statuses, contentType, contentLength } = readHeaders(reply.stderr);
  const status = statuses.at(-1);
  if (status === undefined) {
    if (NOTHING_THERE.test(reply.stderr)) return 'refused';
    return /(?:unrecognized|invalid|unknown) option/i.test(reply.stderr)
      ? failure('no_client', `the image's wget is too old: ${head(reply.stderr)}`)
      : failure('connection_failed', head(lastLine(reply.stderr)));
  }
  // BusyBox' wget follows a redirect unasked.
  const redirect = statuses.find((one) => one >= 300 && one < 400);
  if (redirect !== undefined) return statusFailure(redirect);
  if (status !== 200) return statusFailure(status);
  if (exitCode !== 0) return failure('truncated', head(lastLine(reply.stderr)));
  if (contentLength !== undefined && contentLength !== reply.stdoutBytes) {
    return failure('truncated', `${contentLength} bytes were announced, ${reply.stdoutBytes} arrived`);
  }
  return concludeBody(reply, contentType, request);
}

export function nothingListens({ endpoint }: FetchRequest): Failure {
  const hosts = WGET_HOSTS.join(' or ');
  return failure('connection_failed', `nothing listens on port ${endpoint.port} at ${hosts}`);
}

interface PrintedHeaders {
  readonly statuses: readonly number[];
  readonly contentType: string | undefined;
  readonly contentLength: number | undefined;
}

/** Both print each header on a line of its own, indented. */
function readHeaders(stderr: string): PrintedHeaders {
  const statuses: number[] = [];
  let fields = new Map<string, string>();
  for (const line of stderr.split('\n')) {
    const text = line.trim();
    const status = /^HTTP\/[\d.]+ (\d{3})/.exec(text)?.[1];
    if (status !== undefined) {
      statuses.push(Number(status));
      fields = new Map();
      continue;
    }
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(0, colon)).toLowerCase();
    if (!fields.has(name)) fields.set(name, text.slice(colon + 1).trim());
  }
  const length = fields.get('content-length') ?? '';
  return {
    statuses,
    contentType: fields.get('content-type'),
    contentLength: /^\d+$/.test(length) ? Number(length) : undefined,
  };
}

/** The last line that is no header: those are indented. */
function lastLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^\S/.test(line));
  return lines.at(-1) ?? 'the connection was closed before the end';
}
