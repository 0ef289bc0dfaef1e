/**
 * A request to the Docker daemon failed. The message tells an operator the problem and the remedy. Not used if the caller's
 * own signal aborted: that rejects with the signal's reason.
 */
export class DockerRequestError extends Error {
  override readonly name = 'DockerRequestError';
  /** The answer's HTTP status; undefined if there was no answer. */
  readonly statusCode: number | undefined;
  /** The system's error code, such as ECONNRESET. */
  readonly code: string | undefined;

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.statusCode = facts(cause).statusCode;
    this.code = facts(cause).code;
  }
}

interface ErrorFacts {
  readonly message: string;
  readonly statusCode: number | undefined;
  readonly code: string | undefined;
  /** The daemon's own words. */
  readonly answer: string | undefined;
}

/** The facts in an error of docker-modem. */
export function facts(error: unknown): ErrorFacts {
  const { message, statusCode, code, json } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return {
    message: typeof message === 'string' ? message.trim() : String(error),
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    code: typeof code === 'string' ? code : undefined,
    answer: answerText(json),
  };
}

function answerText(json: unknown): string | undefined {
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
    return json.message;
  }
  return Buffer.isBuffer(json) && json.length > 0 ? json.toString('latin1') : undefined;
}
