import { Writable } from 'node:stream';

import { WinstonLogger, type LogSettings } from '../../../../src/infrastructure/logging/winston-logger.ts';

function logged(settings: LogSettings, log: (logger: WinstonLogger) => void): string {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done): void {
      text += chunk.toString();
      done();
    },
  });
  log(new WinstonLogger(settings, stream));
  return text;
}

describe('WinstonLogger', () => {
  it('writes one JSON object a line', () => {
    const text = logged({ level: 'info', format: 'json' }, (logger) => {
      logger.info('a "message"\nof two lines', { containerName: 'app', port: 9100, absent: undefined });
      logger.warn('another');
    });
    const [first, second, ...rest] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rest).toEqual([]);
    expect(first).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      level: 'info',
      message: 'a "message"\nof two lines',
      containerName: 'app',
      port: 9100,
    });
    expect(second).toMatchObject({ level: 'warn', message: 'another' });
  });

  it('outlives the reader of its stream, as the console does', async () => {
    const stream = new Writable({
      autoDestroy: false,
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    for (let i = 0; i < 20; i++) new WinstonLogger({ level: 'info', format: 'json' }, stream).info('x');
    await new Promise((resolve) => setImmediate(resolve));
    // Many exporters in one process must not add a listener each.
    expect(stream.listenerCount('error')).toBe(1);
  });

  it('lets no field pass for the level or the message', () => {
    const text = logged({ level: 'info', format: 'json' }, (logger) =>
      logger.error('real', { message: 'fake', level: 'info' }),
    );
    expect(JSON.parse(text)).toMatchObject({ level: 'error', message: 'real' });
  });

  it('keeps quiet below its level', () => {
    expect(logged({ level: 'warn', format: 'json' }, (logger) => logger.info('x'))).toBe('');
  });

  it('writes a line for people', () => {
    const text = logged({ level: 'debug', format: 'pretty' }, (logger) =>
      logger.debug('a target is down', { containerName: 'a b', port: 1, absent: undefined }),
    );
    expect(text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} DEBUG a target is down containerName="a b" port=1\n$/);
  });

  it('lets nothing that is logged command the terminal', () => {
    const text = logged({ level: 'info', format: 'pretty' }, (logger) =>
      logger.info('x', { containerName: 'a\nb\u001b[2J\u009b2J\u202eno' }),
    );
    expect(text).toContain(String.raw`containerName="a\nb\u001b[2J\u{9b}2J\u{202e}no"`);
  });
});
