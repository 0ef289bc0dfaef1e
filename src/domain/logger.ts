/** Structured fields of a log message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Logs messages for the operator. The fields never hold a body. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
