import { failure, type Failure } from '../../../../domain/fetching/failure.ts';
import type { FetchRequest } from '../../../../domain/fetching/metrics-fetcher.ts';
import { PROGRAM_NAME } from '../../../../domain/program-name.ts';
import { tlsOf } from '../../../../domain/targets/target.ts';
import type { ExecReply } from '../run/exec-reply.ts';
import { REQUEST_HEADERS, urlAt, type Conclusion, type ExecClient } from './exec-client.ts';
import { concludeBody, head, startFailure, statusFailure } from './exec-failures.ts';
import { LIMITED, shellText } from './shell-functions.ts';

export type WgetFlavour = 'gnu' | 'busybox';

/** The beginning of each call of wget: no settings file or proxy, the response's headers on stderr. */
export const WGET_CALLS: Readonly<Record<WgetFlavour, readonly string[]>> = {
  gnu: ['wget', '--no-config', '--no-proxy', '--max-redirect=0', '--tries=1', '-nv', '-S', '-O', '-'],
  busybox: ['wget', '-Y', 'off', '-q', '-S', '-O', '-'],
};

/** Tells which wget an image has: GNU's knows the option, BusyBox' names itself in its usage. */
export const WGET_PROBE = ['wget', '--version'] as const;

/** Patterns of the shell's `case`, which tell them by the probe's output. */
export const WGET_PATTERNS: Readonly<Record<WgetFlavour, string>> = {
  gnu: "*'GNU Wget'*",
  busybox: '*BusyBox*',
};

const INSECURE = '--no-check-certificate';

const CANNOT_VERIFY = failure(
  'no_client',
  "BusyBox' wget can't verify a certificate: add curl to the image, or leave tls-verify out",
);

/** wget, limited by a shell: its own timeout is for idle connections only. */
export function wgetClient(flavour: WgetFlavour): ExecClient {
  return {
    refusal: ({ target }) =>
      flavour === 'busybox' && tlsOf(target.options) === 'verified' ? CANNOT_VERIFY : undefined,
    // It tries one address of a name only (BusyBox ::1, without falling back).
    hosts: ['127.0.0.1', '[::1]'],
    command: (request, host, timeoutMs) => [
      ...['sh', '-c', `${LIMITED}\nlimited "$@"`, PROGRAM_NAME, wgetSeconds(timeoutMs)],
      ...WGET_CALLS[flavour],
      ...(tlsOf(request.target.options) === 'unverified' ? [INSECURE] : []),
      ...REQUEST_HEADERS.flatMap((header) => ['--header', header]),
      urlAt(host, request),
    ],
    seconds: wgetSeconds,
    insecureOption: INSECURE,
    loopCommand: `limited "$seconds" ${shellText(WGET_CALLS[flavour])} \\
      --header "$1" --header "$2" \${insecure:+${INSECURE}} "$scheme://$place"`,
    conclude: concludeWget,
  };
}

function wgetSeconds(timeoutMs: number): string {
  return String(Math.max(1, Math.ceil(timeoutMs / 1000)));
}

/** Reads the exit code and the output of the probe. */
export function readWgetFlavour(exitCode: number, reply: ExecReply): WgetFlavour | 'none' | Failure {
  if (exitCode === 0 && reply.tail.includes('GNU Wget')) return 'gnu';
  if (/BusyBox/i.test(reply.stderr)) return 'busybox';
  const notStarted = startFailure(exitCode, reply);
  return typeof notStarted === 'object' ? notStarted : 'none';
}

// The last three: the container has no such address family.
const NOTHING_THERE =
  /connection refused|cannot assign requested address|network is unreachable|address family not supported/i;

function concludeWget(exitCode: number, reply: ExecReply, request: FetchRequest): Conclusion {
  // timeout(1) of GNU, and a process that got SIGTERM.
  if (exitCode === 124 || exitCode === 143) return failure('timeout', 'no complete answer in time');
  const notStarted = startFailure(exitCode, reply);
  if (notStarted !== undefined) return notStarted;
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
