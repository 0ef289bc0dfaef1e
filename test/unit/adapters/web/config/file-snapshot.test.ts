import { chmodSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileSnapshot } from '../../../../../src/adapters/web/config/file-snapshot.ts';

describe('FileSnapshot', () => {
  let folder: string;
  let file: string;
  let other: string;
  let snapshot: FileSnapshot;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'file-snapshot-'));
    file = join(folder, 'a');
    other = join(folder, 'b');
    writeFileSync(file, 'one');
    snapshot = new FileSnapshot();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is current while the files are as they were', () => {
    expect(snapshot.read(file).toString()).toBe('one');
    expect(snapshot.isCurrent()).toBe(true);
    expect(snapshot.isCurrent()).toBe(true);
  });

  it.each([
    ['is written', () => writeFileSync(file, 'more')],
    ['is removed', () => rmSync(file)],
    ['is touched', () => utimesSync(file, 1, 1)],
    ['gets other permissions', () => chmodSync(file, 0o400)],
    [
      'is replaced',
      () => {
        writeFileSync(other, 'one');
        renameSync(other, file);
      },
    ],
  ])('is no longer current when a file %s', (_what, change) => {
    snapshot.read(file);
    change();
    expect(snapshot.isCurrent()).toBe(false);
    expect(snapshot.isCurrent()).toBe(false);
  });

  it('notices a missing file that appears', () => {
    expect(() => snapshot.read(other)).toThrow('ENOENT');
    expect(snapshot.isCurrent()).toBe(true);
    writeFileSync(other, 'x');
    expect(snapshot.isCurrent()).toBe(false);
  });
});
