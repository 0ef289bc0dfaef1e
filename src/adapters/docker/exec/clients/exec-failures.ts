import { failure, type Failure } from '../../../../domain/fetching/failure.ts';
import type { FetchOutcome, FetchRequest } from '../../../../domain/fetching/metrics-fetcher.ts';
import { DockerRequestError } from '../../connection/docker-request-error.ts';
import type { ExecReply } from '../run/exec-reply.ts';

export const NO_CLIENT = failure(
  'no_client',
  'the image has neither curl nor wget with a shell that we could run: add one, or use http mode',
);
export const QUEUED = failure(
  'queued',
  'too many execs were being started: it never got its turn in this scrape',
);
export const TIMED_OUT = failure('timeout', 'no answer in time');

/** Killed by the kernel (out of memory) or with its container; Docker's own number for that. */
const KILLED = 137;
/** Shells and Docker add the number of the signal that ended a program. */
const SIGNALLED = 128;
const CANNOT_FORK = /can't fork|cannot fork|fork: |resource temporarily unavailable|cannot allocate memory/i;
const NOT_FOUND = /not found|no such file or directory|permission denied|exec format error/i;
// runc's own error if the kernel refuses the file that it has found; on stderr, with exit code 1.
const REFUSED_BY_KERNEL = /^exec \S+: (?:no such file or directory|exec format error|permission denied)/;

/** Why the command did not start (or was killed), by its exit code and output; undefined if it did. */
export function startFailure(
  exitCode: number,
  reply: Pick<ExecReply, 'tail' | 'stderr'>,
): 'missing' | Failure | undefined {
  if (exitCode === KILLED) {
    return failure('exec_failed', 'killed (exit code 137): out of memory, or its container was stopped');
  }
  if (exitCode > SIGNALLED && exitCode <= SIGNALLED + 64) {
    return failure('exec_failed', `ended by signal ${exitCode - SIGNALLED} (exit code ${exitCode})`);
  }
  if (exitCode === 126 || exitCode === 127) {
    // The runtime's own error comes as stdout.
    const message = `${reply.tail.toString('utf8')} ${reply.stderr}`;
    return NOT_FOUND.test(message) ? 'missing' : failure('exec_failed', message);
  }
  if (exitCode === 1 && REFUSED_BY_KERNEL.test(reply.stderr)) return 'missing';
  return exitCode !== 0 && CANNOT_FORK.test(reply.stderr)
    ? failure('exec_failed', head(reply.stderr))
    : undefined;
}

/** Hands the body over, or names the limit that refused it. */
export function concludeBody(
  reply: ExecReply,
  contentType: string | undefined,
  request: FetchRequest,
): FetchOutcome {
  const body = reply.end();
  if (typeof body === 'string') return refused(body, request);
  return { ok: true, body, contentType: contentType === '' ? undefined : contentType, via: 'exec' };
}

export function refused(reason: 'too_large' | 'over_budget', request: FetchRequest): Failure {
  return failure(
    reason,
    reason === 'too_large'
      ? `the body is larger than ${request.maxBodyBytes} bytes (TARGET_BODY_SIZE_LIMIT)`
      : 'all bodies together are larger than SCRAPE_BODY_SIZE_LIMIT',
  );
}

export function statusFailure(status: number): Failure {
  return status >= 300 && status < 400
    ? failure('redirect', `HTTP ${status}: redirects are not followed, name the final path in the label`)
    : failure('http_status', `HTTP ${status}, expected 200`);
}

/** The failure of a fetch whose request to the daemon was refused, got no answer or was given up. */
export function explainExecError(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return TIMED_OUT;
  if (!(error instanceof DockerRequestError)) return failure('internal', String(error));
  return error.statusCode === undefined
    ? failure('docker_unavailable', error.message)
    : failure('exec_failed', error.message);
}

/** The first words of stderr, on one line. */
export function head(stderr: string): string {
  return stderr.trim().slice(0, 200) || 'it said nothing on stderr';
}
