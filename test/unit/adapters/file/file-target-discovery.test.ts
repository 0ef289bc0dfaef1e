import { jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileTargetDiscovery } from '../../../../src/adapters/file/file-target-discovery.ts';
import { StaticTargetDiscovery } from '../../../../src/adapters/file/static-target-discovery.ts';
import { delay, NEVER, RecordingLogger } from '../../../support/fakes.ts';

let folder: string;
let logger: RecordingLogger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-sd-'));
  logger = new RecordingLogger();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function discovery(...patterns: readonly string[]): { ids: () => Promise<readonly string[]> } {
  const files = new FileTargetDiscovery(
    patterns.map((pattern) => join(folder, pattern)),
    logger,
  );
  return { ids: async () => (await files.discover(NEVER)).map(({ id }) => id) };
}

function logged(): readonly string[] {
  return logger.lines.map(({ level, fields }) =>
    `${level} ${String(fields?.['subject']).replace(`${folder}/`, '')} ${String(fields?.['problem'] ?? 'is over')}`.replace(
      folder,
      '',
    ),
  );
}

const GROUPS = [
  { targets: ['10.0.0.5:9100', '10.0.0.6:9100'], labels: { container_name: 'app', env: 'prod' } },
  { targets: ['10.0.0.7:9100'] },
];

describe('formats', () => {
  it.each([
    ['a.json', JSON.stringify(GROUPS)],
    [
      'a.yml',
      '- targets: [10.0.0.5:9100, "10.0.0.6:9100"]\n  labels: {container_name: app}\n- targets:\n  - 10.0.0.7:9100\n',
    ],
    [
      'a.yaml',
      '# by hand\n- targets: &x\n  - 10.0.0.5:9100\n  - 10.0.0.6:9100\n  - 10.0.0.7:9100\n  labels:\n',
    ],
    ['a.YML', '- {targets: [10.0.0.5:9100, 10.0.0.6:9100, 10.0.0.7:9100]}'],
  ])('%s', async (name, text) => {
    write(name, text);
    expect(await discovery(name).ids()).toEqual(['10.0.0.5:9100', '10.0.0.6:9100', '10.0.0.7:9100']);
    expect(logged()).toEqual([]);
  });

  it.each([
    ['empty.json', '[]'],
    ['empty.yml', ''],
    ['comment.yml', '# nothing yet\n'],
    ['no-targets.json', '[{"targets": null, "labels": null}]'],
  ])('%s lists nothing', async (name, text) => {
    write(name, text);
    expect(await discovery(name).ids()).toEqual([]);
    expect(logged()).toEqual([]);
  });

  it('YAML values stay as they are written', async () => {
    const file = write(
      'a.yml',
      '- targets: [h:1]\n  labels: {container_name: 1.10, task_revision: 007, service: yes}\n',
    );
    const [target] = await new FileTargetDiscovery([file], logger).discover(NEVER);
    expect(target).toMatchObject({
      containerName: '1.10',
      attributes: { taskRevision: '007', service: 'yes' },
    });
  });

  it.each([
    ['a.json', '[{"targets": ["h:1"]', /JSON/],
    ['empty.json', '', /JSON/],
    ['a.yml', '- targets: [h:1', /./],
    ['alias.yml', '- targets: *x', /alias/i],
    ['two.yml', '- targets: [h:1]\n---\n- targets: [h:2]\n', /multiple documents/],
    ['object.json', '{"targets": ["h:1"]}', /^not a list of groups$/],
    ['strings.json', '["h:1"]', /^group 1 is not an object with "targets" and "labels"$/],
    [
      'typo.json',
      '[{"targets": ["h:1"]}, {"target": ["h:1"]}]',
      /^group 2 has "target": a group has "targets" and "labels" only$/,
    ],
    ['one.yml', '- targets: h:1', /^"targets" of group 1 is not a list of "host:port" strings$/],
    ['numbers.json', '[{"targets": [9100]}]', /^"targets" of group 1 is not a list/],
    [
      'list.json',
      '[{"targets": ["h:1"], "labels": ["a"]}]',
      /^"labels" of group 1 is not an object of strings$/,
    ],
    [
      'nested.yml',
      '- targets: [h:1]\n  labels: {a: {b: c}}',
      /^"labels" of group 1 is not an object of strings$/,
    ],
    ['a.txt', '[]', /^the name has to end in \.json, \.yml or \.yaml$/],
    ['missing.json', undefined, /^ENOENT: /],
  ])('%s is refused with a reason', async (name, text, reason) => {
    if (text !== undefined) write(name, text);
    expect(await discovery(name).ids()).toEqual([]);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]?.fields).toEqual({
      subject: join(folder, name),
      problem: expect.stringMatching(reason) as string,
    });
  });
});

describe('files', () => {
  const list = (...targets: readonly string[]): string => JSON.stringify([{ targets }]);

  it('are found by globs, in order, each once', async () => {
    write('b.json', list('b:1'));
    write('a.json', list('a:1'));
    write('c.yml', '- targets: [c:1]');
    write('other.txt', list('x:1'));
    expect(await discovery('*.json', 'a.json', '?.yml').ids()).toEqual(['a:1', 'b:1', 'c:1']);
    expect(await discovery('[ab].json').ids()).toEqual(['a:1', 'b:1']);
    expect(await discovery('nothing-*.json').ids()).toEqual([]);
    expect(logged()).toEqual([]);
  });

  it('count from the next time on when they change, come and go', async () => {
    write('a.json', list('a:1'));
    const files = discovery('*.json');
    expect(await files.ids()).toEqual(['a:1']);
    // As many bytes, within the same tick of the file system's clock.
    write('a.json', list('a:2'));
    expect(await files.ids()).toEqual(['a:2']);
    const added = write('b.json', list('b:1'));
    expect(await files.ids()).toEqual(['a:2', 'b:1']);
    rmSync(added);
    expect(await files.ids()).toEqual(['a:2']);
    expect(logged()).toEqual([]);
  });

  describe('whose times are not new', () => {
    beforeEach(() => {
      const now = Date.now();
      jest.spyOn(Date, 'now').mockReturnValue(now + 10_000);
    });
    afterEach(() => jest.restoreAllMocks());

    /** What this process has read so far, bytes. */
    const readBytes = (): number =>
      Number(/^rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'latin1'))?.[1]);

    it('are read again when they change, and only then', async () => {
      const blanks = ' '.repeat(1_000_000);
      const file = write('a.json', list('a:1') + blanks);
      const files = discovery('a.json');
      await files.ids();
      const before = readBytes();
      for (let i = 0; i < 3; i++) expect(await files.ids()).toEqual(['a:1']);
      expect(readBytes() - before).toBeLessThan(blanks.length);
      // As many bytes, and the time of change put back.
      const times = new Date(1_000_000_000_000);
      utimesSync(file, times, times);
      await files.ids();
      // Longer than a tick of the file system's clock.
      await delay(50);
      writeFileSync(file, list('a:2') + blanks);
      utimesSync(file, times, times);
      expect(await files.ids()).toEqual(['a:2']);
      expect(readBytes() - before).toBeGreaterThan(blanks.length);
    });

    it('keep what is wrong with them, and are forgotten when they are gone', async () => {
      const file = write('a.json', list('a:1'));
      const files = discovery('a.json');
      await files.ids();
      write('a.json', '[1]');
      for (let i = 0; i < 3; i++) expect(await files.ids()).toEqual(['a:1']);
      expect(logged()).toEqual([expect.stringMatching(/^warn a\.json group 1 is not an object/)]);
      rmSync(file);
      expect(await files.ids()).toEqual([]);
    });
  });

  it('keep their last valid targets while they are broken, which is logged once', async () => {
    write('a.json', list('a:1'));
    write('b.json', list('b:1'));
    const files = discovery('a.json', 'b.json');
    await files.ids();
    write('a.json', '[{"targets"');
    for (let i = 0; i < 3; i++) expect(await files.ids()).toEqual(['a:1', 'b:1']);
    expect(logged()).toEqual([expect.stringMatching(/^warn a\.json .*JSON/)]);
    write('a.json', '[1]');
    expect(await files.ids()).toEqual(['a:1', 'b:1']);
    write('a.json', list('a:2'));
    for (let i = 0; i < 3; i++) expect(await files.ids()).toEqual(['a:2', 'b:1']);
    expect(logged().slice(1)).toEqual([
      'warn a.json group 1 is not an object with "targets" and "labels"',
      'info a.json is over',
    ]);
  });

  it('keep them while they can not be read', async () => {
    write('a.json', list('a:1'));
    const files = discovery('a.json');
    await files.ids();
    rmSync(join(folder, 'a.json'));
    symlinkSync('a.json', join(folder, 'a.json'));
    expect(await files.ids()).toEqual(['a:1']);
    expect(logged()).toEqual([expect.stringMatching(/^warn a\.json ELOOP/)]);
  });

  it('keep them while their folder can not be looked into', async () => {
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    write('inner/a.json', list('a:1'));
    const files = discovery('inner/*.json');
    expect(await files.ids()).toEqual(['a:1']);
    // To root every folder is readable: this one is a link to itself for a while.
    renameSync(inner, join(folder, 'aside'));
    symlinkSync('inner', inner);
    for (let i = 0; i < 2; i++) expect(await files.ids()).toEqual(['a:1']);
    expect(logged()).toEqual([expect.stringMatching(/^warn inner\/a\.json ELOOP/)]);
    rmSync(inner);
    renameSync(join(folder, 'aside'), inner);
    expect(await files.ids()).toEqual(['a:1']);
    expect(logged()[1]).toBe('info inner/a.json is over');
    rmSync(inner, { recursive: true });
    expect(await files.ids()).toEqual([]);
    expect(logged()).toHaveLength(2);
  });

  it.each([
    ['inner/*.json', []],
    ['inner/a.json', [expect.stringMatching(/^warn inner\/a\.json ENOTDIR/)]],
  ])('are forgotten when their folder has become a file: %s', async (pattern, expected) => {
    mkdirSync(join(folder, 'inner'));
    write('inner/a.json', list('a:1'));
    const files = discovery(pattern);
    expect(await files.ids()).toEqual(['a:1']);
    rmSync(join(folder, 'inner'), { recursive: true });
    write('inner', '');
    expect(await files.ids()).toEqual([]);
    expect(logged()).toEqual(expected);
  });

  it('have none once they are gone', async () => {
    write('a.json', list('a:1'));
    const files = discovery('a.json');
    await files.ids();
    rmSync(join(folder, 'a.json'));
    for (let i = 0; i < 2; i++) expect(await files.ids()).toEqual([]);
    expect(logged()).toEqual([expect.stringMatching(/^warn a\.json ENOENT/)]);
    write('a.json', list('a:1'));
    expect(await files.ids()).toEqual(['a:1']);
    expect(logged()[1]).toBe('info a.json is over');
  });

  it.each(['a pipe', 'a folder'])('are no %s, which is never waited for', async (kind) => {
    write('a.json', JSON.stringify(GROUPS));
    const odd = join(folder, 'b.json');
    if (kind === 'a pipe') execFileSync('mkfifo', [odd]);
    else mkdirSync(odd);
    expect(await discovery('*.json').ids()).toHaveLength(3);
    expect(logged()).toEqual(['warn b.json it is no file']);
  });

  it('are read once for all who ask at the same time', async () => {
    write('a.json', '{');
    const files = new FileTargetDiscovery([join(folder, '*.json')], logger);
    const [first, second] = await Promise.all([files.discover(NEVER), files.discover(NEVER)]);
    expect(second).toBe(first);
    expect(logged()).toHaveLength(1);
    expect(await files.discover(NEVER)).not.toBe(first);
  });

  it('may not list a target twice: the first one counts, and it is logged once', async () => {
    write('a.json', list('a:1', 'a:1'));
    write('b.json', list('b:1', 'a:1'));
    const files = discovery('*.json');
    for (let i = 0; i < 2; i++) expect(await files.ids()).toEqual(['a:1', 'b:1']);
    expect(logged()).toEqual(['warn a:1 listed more than once: the first one stands']);
  });

  it('are not read any more when the signal has aborted', async () => {
    const file = write('a.json', list('a:1'));
    await expect(new FileTargetDiscovery([file], logger).discover(AbortSignal.abort())).rejects.toMatchObject(
      {
        name: 'AbortError',
      },
    );
    expect(logged()).toEqual([]);
  });
});

it('a static discovery lists the same targets every time', async () => {
  const discovery = new StaticTargetDiscovery([
    ...GROUPS,
    { targets: ['10.0.0.7:9100'], labels: { container_name: 'x' } },
  ]);
  const targets = await discovery.discover();
  expect(targets.map(({ containerName, id }) => [containerName, id])).toEqual([
    ['app', '10.0.0.5:9100'],
    ['app', '10.0.0.6:9100'],
    ['10.0.0.7:9100', '10.0.0.7:9100'],
  ]);
  expect(await discovery.discover()).toEqual(targets);
});
