import { formatByteSize, parseByteSize } from '../../../../src/infrastructure/config/byte-size.ts';
import {
  defaultScrapeBodySizeLimit,
  memoryLimitBytes,
} from '../../../../src/infrastructure/config/memory-limit.ts';

const MIB = 2 ** 20;

describe('memoryLimitBytes', () => {
  const limit = (files: Readonly<Record<string, string>>, constrainedBytes = 0): number =>
    memoryLimitBytes({
      readFile: (path) => {
        const text = files[path];
        if (text === undefined) throw new Error('ENOENT');
        return text;
      },
      ramBytes: 1000 * MIB,
      constrainedBytes,
    });
  const LIMIT = String(128 * MIB);
  const cases: readonly (readonly [what: string, files: Readonly<Record<string, string>>, mib: number])[] = [
    ['a version 2 cgroup', { '/sys/fs/cgroup/memory.max': `${LIMIT}\n` }, 128],
    ['a version 1 cgroup', { '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${LIMIT}\n` }, 128],
    ['an unlimited cgroup', { '/sys/fs/cgroup/memory.max': 'max\n' }, 1000],
    [
      'no limit in version 1',
      { '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' },
      1000,
    ],
    ['the machine, where there is no cgroup', {}, 1000],
    [
      'the smaller one of max and high',
      { '/sys/fs/cgroup/memory.max': `${256 * MIB}`, '/sys/fs/cgroup/memory.high': LIMIT },
      128,
    ],
    [
      'a group below the mounted root',
      {
        '/proc/self/cgroup': '0::/ecs/task/container\n',
        '/sys/fs/cgroup/memory.max': 'max',
        '/sys/fs/cgroup/ecs/task/container/memory.max': LIMIT,
      },
      128,
    ],
    [
      'a group above the own one, as a task has it',
      {
        '/proc/self/cgroup': '0::/ecs/task/container\n',
        '/sys/fs/cgroup/ecs/task/memory.max': LIMIT,
        '/sys/fs/cgroup/ecs/task/container/memory.max': 'max',
      },
      128,
    ],
    [
      'a version 1 group below the root, mounted with others',
      {
        '/proc/self/cgroup': '5:cpu,cpuacct:/other\n4:hugetlb,memory:/ecs/task\n1:name=systemd:/x\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
        '/sys/fs/cgroup/memory/ecs/task/memory.limit_in_bytes': LIMIT,
        '/sys/fs/cgroup/memory/other/memory.limit_in_bytes': '1',
      },
      128,
    ],
  ];

  it.each(cases)('takes the limit of %s', (_, files, mib) => expect(limit(files)).toBe(mib * MIB));
  it('takes what Node.js knows of', () => {
    expect(limit({}, 64 * MIB)).toBe(64 * MIB);
    expect(limit({}, 2 ** 63)).toBe(1000 * MIB);
  });
});

describe('defaultScrapeBodySizeLimit', () => {
  it('is a quarter of the memory, at most 1 GiB', () => {
    expect(defaultScrapeBodySizeLimit(128 * MIB)).toBe(32 * MIB);
    expect(defaultScrapeBodySizeLimit(64 * 1024 * MIB)).toBe(1024 * MIB);
  });
});

describe('byte sizes', () => {
  const reads = (text: string, bytes: number | undefined): void =>
    it(`${JSON.stringify(text)} is ${bytes}`, () => expect(parseByteSize(text)).toBe(bytes));

  reads('16MiB', 16 * MIB);
  reads('1B', 1);
  reads('2KiB', 2048);
  reads('1GiB', 1024 * MIB);
  for (const bad of ['16', '16MB', '1.5MiB', '-1B', '16 MiB', 'MiB', '999999999999GiB'])
    reads(bad, undefined);

  it.each(['16MiB', '1B', '2KiB', '1GiB', '1025B', '0B'])('writes %s back', (text) =>
    expect(formatByteSize(parseByteSize(text)!)).toBe(text),
  );
});
