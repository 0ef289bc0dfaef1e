import winston from 'winston';

import type { LogFields, Logger } from '../../domain/logger.ts';
import { printable } from '../printable.ts';

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'pretty';
}

/** Logs through winston to a stream, by default standard error: as JSON lines or, for people, `pretty`. */
export class WinstonLogger implements Logger {
  readonly #winston: winston.Logger;

  constructor(settings: LogSettings, stream: NodeJS.WritableStream = process.stderr) {
    // Only one listener per stream: several loggers may share it.
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
    this.#winston = winston.createLogger({
      level: settings.level,
      format: settings.format === 'json' ? jsonLines() : pretty(),
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston types its own transports loosely
      transports: new winston.transports.Stream({ stream }),
    });
  }

  debug(message: string, fields?: LogFields): void {
    this.#winston.debug(message, { fields });
  }

  info(message: string, fields?: LogFields): void {
    this.#winston.info(message, { fields });
  }

  warn(message: string, fields?: LogFields): void {
    this.#winston.warn(message, { fields });
  }

  error(message: string, fields?: LogFields): void {
    this.#winston.error(message, { fields });
  }
}

/** If the log can't be written any more, the process goes on without it, as it does with `console`. */
function ignore(): void {
  // There is nowhere to report it.
}

function fieldsOf(info: winston.Logform.TransformableInfo): LogFields {
  return (info['fields'] ?? {}) as LogFields;
}

function jsonLines(): winston.Logform.Format {
  return winston.format.printf((info) =>
    JSON.stringify({
      time: new Date().toISOString(),
      level: info.level,
      message: info.message,
      ...without(fieldsOf(info), ['time', 'level', 'message']),
    }),
  );
}

function pretty(): winston.Logform.Format {
  return winston.format.printf((info) => {
    const fields = Object.entries(fieldsOf(info)).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`],
    );
    const time = new Date().toISOString().slice(11, 23);
    return printable([time, info.level.toUpperCase().padEnd(5), String(info.message), ...fields].join(' '));
  });
}

function without(fields: LogFields, names: readonly string[]): LogFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
