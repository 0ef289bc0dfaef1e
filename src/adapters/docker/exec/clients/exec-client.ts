import type { Failure } from '../../../../domain/fetching/failure.ts';
import {
  LOOP_HEADER,
  TARGET_ACCEPT,
  type FetchOutcome,
  type FetchRequest,
} from '../../../../domain/fetching/metrics-fetcher.ts';
import type { ExecReply } from '../run/exec-reply.ts';

/** The clients that an image may have; also the words by which a session's loop names them. */
export type ClientName = 'curl' | 'gnu' | 'busybox';

/** How a finished client ended; `missing`: the image doesn't have it or can't run it; `refused`: nothing listens at that host. */
export type Conclusion = FetchOutcome | 'missing' | 'refused';

/**
 * A program in the target's image that fetches one endpoint: in an exec of its own, or as one case of the session's loop.
 * A new one is a file and a row in `CLIENTS`.
 */
export interface ExecClient {
  /** Why it can't make this fetch; undefined if it can. */
  refusal(request: FetchRequest): Failure | undefined;
  /** The container's own addresses, in the order in which they are tried. */
  readonly hosts: readonly string[];
  /** The argument vector of one fetch from one host. Label text is in the path of the URL alone. */
  command(request: FetchRequest, host: string, timeoutMs: number): readonly string[];
  /** A time limit as the client reads it, in the vector and in the loop. */
  seconds(timeoutMs: number): string;
  /** The option that accepts any certificate. */
  readonly insecureOption: string;
  /**
   * The same fetch as shell text, for the session's loop: constant, with the request in `$seconds`, `$bytes`, `$scheme`,
   * `$insecure` (not empty: any certificate will do) and `$place`, the headers in `$1` and `$2`, curl's report in `$3`.
   */
  readonly loopCommand: string;
  /** Reads the exit code and what the client wrote. */
  conclude(exitCode: number, reply: ExecReply, request: FetchRequest): Conclusion;
}

/** The headers of each request to a target. */
export const REQUEST_HEADERS = [`Accept: ${TARGET_ACCEPT}`, `${LOOP_HEADER}: 1`] as const;

export function urlAt(host: string, { target, endpoint }: FetchRequest): string {
  return `${target.options.scheme}://${host}:${endpoint.port}${endpoint.path}`;
}
