import { failure, type Failure, type FailureReason } from '../../../../domain/fetching/failure.ts';
import type { FetchRequest } from '../../../../domain/fetching/metrics-fetcher.ts';
import {
  ACCEPT_HEADER,
  concludeBody,
  concludeUnstarted,
  head,
  OUR_HEADER,
  refused,
  statusFailure,
  type Conclusion,
} from './exec-client.ts';
import type { ExecReply } from '../run/exec-reply.ts';

/**
 * What curl writes behind a body: status, size, content type. The size is compared with what arrived, so that no body
 * passes for it; the content type comes last because a target can put anything there.
 */
export const CURL_WRITE_OUT = String.raw`\n%{http_code} %{size_download} %{content_type}`;

/** Why curl failed, by exit code (curl(1), "EXIT CODES"); what is not here is `connection_failed`. */
const REASONS: Readonly<Record<number, FailureReason>> = {
  2: 'exec_failed',
  18: 'truncated',
  23: 'exec_failed',
  27: 'exec_failed',
  28: 'timeout',
  63: 'too_large',
};

/** The argument vector of one fetch. Label text is in the path of the URL alone. */
export function curlCommand(request: FetchRequest, timeoutMs: number): readonly string[] {
  const { scheme, verifiesTls } = request.target.options;
  return [
    ...['curl', '-q', '-sS', '-g', '-f', '--noproxy', '*', '--proto', `=${scheme}`],
    ...['--max-time', curlSeconds(timeoutMs), '--max-filesize', String(request.maxBodyBytes)],
    ...['-H', ACCEPT_HEADER, '-H', OUR_HEADER, '-w', CURL_WRITE_OUT],
    ...(scheme === 'https' && !verifiesTls ? ['-k'] : []),
    curlUrl(request),
  ];
}

function curlUrl({ target, endpoint }: FetchRequest): string {
  return `${target.options.scheme}://localhost:${endpoint.port}${endpoint.path}`;
}

export function curlSeconds(timeoutMs: number): string {
  return (Math.max(1, timeoutMs) / 1000).toFixed(3);
}

/** Reads what curl came to. */
export function concludeCurl(exitCode: number, reply: ExecReply, request: FetchRequest): Conclusion {
  const unstarted = concludeUnstarted(exitCode, reply);
  if (unstarted !== undefined) return unstarted;
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
  /** Of the report itself. */
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
  const said = head(reply.stderr);
  if (exitCode === 22) return statusFailure(status);
  if (exitCode === 63) return refused('too_large', request);
  // The connection broke off: after the status it is a body that is cut short.
  if (exitCode === 56 && status === 200) return failure('truncated', said);
  return failure(REASONS[exitCode] ?? 'connection_failed', said);
}
