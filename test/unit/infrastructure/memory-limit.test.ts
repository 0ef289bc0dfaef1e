import { formatByteSize, parseByteSize } from '../../../src/infrastructure/config/byte-size.ts';
import {
  defaultScrapeBodySizeLimit,
  memoryLimitBytes,
} from '../../../src/infrastructure/config/memory-limit.ts';

const MIB = 2 ** 20;

describe('memoryLimitBytes', () => {
  const limit = (files: Record<string, string>): number =>
    memoryLimitBytes((path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    }, 1000 * MIB);

  it('takes the limit of a version 2 cgroup', () => {
    expect(limit({ '/sys/fs/cgroup/memory.max': '134217728\n' })).toBe(128 * MIB);
  });
  it('takes the limit of a version 1 cgroup', () => {
    expect(limit({ '/sys/fs/cgroup/memory/memory.limit_in_bytes': '134217728\n' })).toBe(128 * MIB);
  });
  it('takes the RAM where there is no limit', () => {
    expect(limit({ '/sys/fs/cgroup/memory.max': 'max\n' })).toBe(1000 * MIB);
    expect(limit({ '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' })).toBe(
      1000 * MIB,
    );
    expect(limit({})).toBe(1000 * MIB);
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
