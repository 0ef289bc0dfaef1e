import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WebConfigError } from '../../../../../src/adapters/web/config/web-config.ts';
import { FileWebConfigSource } from '../../../../../src/adapters/web/config/web-config-source.ts';
import { RecordingLogger } from '../../../../support/fakes.ts';

const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';

describe('FileWebConfigSource', () => {
  let folder: string;
  let file: string;
  let nowMs: number;
  let logger: RecordingLogger;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'web-config-source-'));
    file = join(folder, 'web.yml');
    nowMs = 0;
    logger = new RecordingLogger();
    writeUsers('alice');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const writeUsers = (...names: string[]): void =>
    writeFileSync(file, `basic_auth_users:\n${names.map((name) => `  ${name}: ${HASH}\n`).join('')}`);
  const open = (): FileWebConfigSource => new FileWebConfigSource(file, logger, () => nowMs);
  const users = (source: FileWebConfigSource): readonly string[] => [...source.current().users.keys()];
  const levels = (): readonly string[] => logger.lines.map(({ level }) => level);

  it('reads the file again when it has changed, and only then', () => {
    const source = open();
    const first = source.current();
    expect(source.current()).toBe(first);
    writeUsers('alice', 'bob');
    expect(users(source)).toEqual(['alice', 'bob']);
    expect(levels()).toEqual(['info']);
  });

  it('keeps the old one when the new one is broken, logs that once, and recovers', () => {
    const source = open();
    writeFileSync(file, 'basic_auth_users: {bob: x');
    expect(users(source)).toEqual(['alice']);
    expect(users(source)).toEqual(['alice']);
    nowMs += 60_000;
    expect(users(source)).toEqual(['alice']);
    expect(levels()).toEqual(['error']);
    writeUsers('bob');
    expect(users(source)).toEqual(['bob']);
    expect(levels()).toEqual(['error', 'info']);
  });

  it('logs again when it is broken in another way', () => {
    const source = open();
    writeFileSync(file, 'foo: 1');
    source.current();
    writeFileSync(file, 'food: 1');
    source.current();
    expect(levels()).toEqual(['error', 'error']);
  });

  it.each(['', 'basic_auth_users:\n', `http_server_config:\n  http2: true\n`])(
    'does not open up when the file becomes %j',
    (text) => {
      const source = open();
      writeFileSync(file, text);
      expect(users(source)).toEqual(['alice']);
      expect(String(logger.lines[0]?.fields?.['error'])).toContain('would take basic auth away');
    },
  );

  it('survives the loss of the file', () => {
    const source = open();
    rmSync(file);
    expect(users(source)).toEqual(['alice']);
    writeUsers('bob');
    expect(users(source)).toEqual(['bob']);
  });

  it('throws the mistakes at the start', () => {
    writeFileSync(file, 'foo: 1\nbar: 2\n');
    expect(open).toThrow(WebConfigError);
    try {
      open();
    } catch (error) {
      const { mistakes } = error as WebConfigError;
      expect(mistakes.map((mistake) => mistake.slice(0, mistake.indexOf(';')))).toEqual([
        `${file}: foo: unknown key`,
        `${file}: bar: unknown key`,
      ]);
    }
  });

  it('throws if there is no file', () => {
    rmSync(file);
    expect(open).toThrow("can't be read: ENOENT");
  });
});
