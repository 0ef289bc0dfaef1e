import { failure, type Failure, type FailureReason } from '../../../../domain/fetching/failure.ts';
import type { FetchRequest } from '../../../../domain/fetching/metrics-fetcher.ts';
import { tlsOf } from '../../../../domain/targets/target.ts';
import type { ExecReply } from '../run/exec-reply.ts';
import { REQUEST_HEADERS, urlAt, type Conclusion, type ExecClient } from './exec-client.ts';
import { concludeBody, head, refused, startFailure, statusFailure } from './exec-failures.ts';
import { shellText } from './shell-functions.ts';

/**
 * Status, size and content type, which curl writes after the body. The size is compared with what arrived, so that no body
 * passes for the report; the content type comes last because a target can put anything there.
 */
export const CURL_REPORT = String.raw`\n%{http_code} %{size_download} %{content_type}`;

const INSECURE = '-k';

/** Why curl failed, by exit code (curl(1), "EXIT CODES"); all others are `connection_failed`. */
const REASONS: Readonly<Record<number, FailureReason>> = {
  2: 'exec_failed',
  18: 'truncated',
  23: 'exec_failed',
  27: 'exec_failed',
  28: 'timeout',
  63: 'too_large',
};

/** The beginning of each call of curl: no settings file, globbing or proxy, no protocol but ours, limits on time and size. */
export function curlCall(scheme: string, seconds: string, maxBytes: string): readonly string[] {
  return [
    ...['curl', '-q', '-sS', '-g', '-f', '--noproxy', '*', '--proto', `=${scheme}`],
    ...['--max-time', seconds, '--max-filesize', maxBytes],
  ];
}

/** curl, which knows both addresses of `localhost` and verifies certificates. */
export const curlClient: ExecClient = {
  refusal: () => undefined,
  hosts: ['localhost'],
  command: (request, host, timeoutMs) => {
    const { scheme } = request.target.options;
    return [
      ...curlCall(scheme, curlSeconds(timeoutMs), String(request.maxBodyBytes)),
      ...REQUEST_HEADERS.flatMap((header) => ['-H', header]),
      ...['-w', CURL_REPORT],
      ...(tlsOf(request.target.options) === 'unverified' ? [INSECURE] : []),
      urlAt(host, request),
    ];
  },
  seconds: curlSeconds,
  insecureOption: INSECURE,
  loopCommand: `${shellText(curlCall('$scheme', '$seconds', '$bytes'))} \\
      -H "$1" -H "$2" -w "$3" \${insecure:+${INSECURE}} "$scheme://$place" </dev/null`,
  conclude: concludeCurl,
};

function curlSeconds(timeoutMs: number): string {
  return (Math.max(1, timeoutMs) / 1000).toFixed(3);
}

function concludeCurl(exitCode: number, reply: ExecReply, request: FetchRequest): Conclusion {
  const notStarted = startFailure(exitCode, reply);
  if (notStarted !== undefined) return notStarted;
  const report = readReport(reply);
  if (exitCode !== 0) return explain(exitCode, report, reply, request);
  if (report === undefined) {
    return failure('exec_failed', `curl ended without its report on the transfer: ${head(reply.stderr)}`);
  }
  if (report.status !== 200) return statusFailure(report.status);
  reply.dropTail(report.byteLength);
  if (reply.stdoutBytes !== report.bodyBytes) {
    return failure('truncated', `curl read ${report.bodyBytes} bytes, ${reply.stdoutBytes} arrived`);
  }
  return concludeBody(reply, report.contentType, request);
}

interface CurlReport {
  readonly status: number;
  readonly bodyBytes: number;
  readonly contentType: string;
  /** Length of the report itself. */
  readonly byteLength: number;
}

function readReport({ tail }: ExecReply): CurlReport | undefined {
  const start = tail.lastIndexOf(0x0a);
  if (start < 0) return undefined;
  const match = /^(\d{3}) (\d+) (.*)$/.exec(tail.toString('latin1', start + 1));
  if (match === null) return undefined;
  const [, status, bodyBytes, contentType = ''] = match;
  return {
    status: Number(status),
    bodyBytes: Number(bodyBytes),
    contentType,
    byteLength: tail.length - start,
  };
}

function explain(
  exitCode: number,
  report: CurlReport | undefined,
  reply: ExecReply,
  request: FetchRequest,
): Failure {
  const status = report?.status ?? 0;
  const message = head(reply.stderr);
  if (exitCode === 22) return statusFailure(status);
  if (exitCode === 63) return refused('too_large', request);
  // The connection broke: after the status, that cuts the body short.
  if (exitCode === 56 && status === 200) return failure('truncated', message);
  return failure(REASONS[exitCode] ?? 'connection_failed', message);
}
