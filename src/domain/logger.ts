/** Facts beside a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where messages for the operator go. Fields are facts; a body never is one. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
