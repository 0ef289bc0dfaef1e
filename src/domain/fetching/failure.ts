/** Reasons why a target has no samples in a scrape. A closed list: alert rules and dashboards name them. */
export const FAILURE_REASONS = [
  'timeout',
  'queued',
  'connection_failed',
  'http_status',
  'redirect',
  'truncated',
  'no_client',
  'no_address',
  'exec_failed',
  'docker_unavailable',
  'too_large',
  'over_budget',
  'too_many_samples',
  'malformed',
  'unsupported_content_type',
  'internal',
] as const;

/** One of the reasons. */
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** An expected failure of one endpoint: data, never an exception. */
export interface Failure {
  readonly ok: false;
  readonly reason: FailureReason;
  /** The cause, in one line for a person: of limited length, never a body. */
  readonly detail: string;
}

const MAX_DETAIL_CHARACTERS = 300;

/** Makes a failure whose detail is one printable line of at most 300 characters. */
export function failure(reason: FailureReason, detail: string): Failure {
  // eslint-disable-next-line no-control-regex
  const line = detail.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  const text = line.length > MAX_DETAIL_CHARACTERS ? `${line.slice(0, MAX_DETAIL_CHARACTERS - 1)}…` : line;
  return { ok: false, reason, detail: text };
}
