import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WasmMetricsRelabeler } from '../../../../src/adapters/exposition/wasm-metrics-relabeler.ts';
import { engine, lines, reference } from '../../../support/exposition/engine-and-reference.ts';
import { mergeAll, TEXT, textOf } from '../../../support/exposition/merging.ts';

it('what very many lines of metadata took is given back with the next merge', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const arrayBytes = (): number => {
    for (let times = 0; times < 3; times++) collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const relabeler = new WasmMetricsRelabeler();
  const small = [{ body: 'a 1\n' }];
  mergeAll(relabeler, small, TEXT);
  const before = arrayBytes();
  mergeAll(relabeler, [{ body: '# HELP a\n'.repeat(1_000_000) }], TEXT);
  mergeAll(relabeler, small, TEXT);
  expect(arrayBytes() - before).toBeLessThan(1_000_000);
});

describe('a body that is small and takes much memory', () => {
  const MEBIBYTE = 2 ** 20;
  const distinct = (count: number, line: (name: string) => string): string =>
    lines(count, (i) => line(`n${i.toString(36)}`));

  it.each([
    ['lines that are shorter than their labels', lines(2 ** 18, () => 'a 1')],
    ['many names', distinct(2 ** 16, (name) => `${name} 1`)],
    ['many families', distinct(2 ** 16, (name) => `# TYPE ${name} gauge`)],
  ])('is over the budget, and the others go out: %s', (_, body) => {
    expect(body.length).toBeLessThan(2 * MEBIBYTE);
    const merge = engine.start({ format: TEXT, honorsLabels: false, maxHeldBytes: 8 * MEBIBYTE });
    const add = (name: string, text: string, isOwn = false): string => {
      const labels = [{ name: 'container_name', value: name }];
      const source = { labels, contentType: undefined, sampleLimit: 0, rank: name.length, isOwn };
      const report = merge.add({ ...source, body: Buffer.from(text) });
      return report.ok ? 'up' : report.reason;
    };
    expect(add('x', 'first 1\n')).toBe('up');
    expect(add('xx', body)).toBe('over_budget');
    expect(add('xxx', 'second 1\n')).toBe('up');
    expect(add('xxxx', body.slice(0, body.lastIndexOf('\n', MEBIBYTE / 32) + 1))).toBe('up');
    const merged = merge.finish();
    expect(textOf(merged)).toMatch(/^first\{.* 1\n(?:.*\n)*second\{.* 1\n/m);
    merged.release();
  });

  it('leaves no number behind that another name gets', () => {
    const bodies = ['one_1 1\n', 'one_2 1\nx{ 1\n', 'one_3 3\n', 'one_2 4\none_3 5\n'];
    const sources = bodies.map((body) => ({ body }));
    const { reports, text } = mergeAll(engine, sources, TEXT);
    expect(reports.map(({ ok }) => ok)).toEqual([true, false, true, true]);
    expect(text).toBe(mergeAll(reference, sources, TEXT).text);
  });

  it('may take half of what all may take', () => {
    const body = Buffer.from(lines(2 ** 17, (i) => `a{i="${i}"} 1`));
    const isTaken = (mebibytes: number): boolean => {
      const merge = engine.start({
        format: TEXT,
        honorsLabels: false,
        maxHeldBytes: mebibytes * MEBIBYTE,
      });
      const { ok } = merge.add({ labels: [], contentType: undefined, sampleLimit: 0, rank: 0, body });
      merge.discard();
      return ok;
    };
    expect([16, 32].map(isTaken)).toEqual([false, true]);
  });

  it('counts for the whole merge, but for families of our own', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false, maxHeldBytes: 2 * MEBIBYTE });
    const add = (rank: number, isOwn: boolean): boolean => {
      const source = { labels: [], contentType: undefined, sampleLimit: 0, rank, isOwn };
      return merge.add({ ...source, body: Buffer.from(distinct(1500, (name) => `${name}_${rank} 1`)) }).ok;
    };
    expect([add(0, false), add(1, false), add(2, false), add(3, true)]).toEqual([true, true, false, true]);
    merge.discard();
  });

  it('has more names than any program', () => {
    const body = distinct(2 ** 17 + 1, (name) => `${name} 1`);
    const [report] = mergeAll(engine, [{ body }], TEXT).reports;
    expect(report).toMatchObject({ ok: false, reason: 'over_budget' });
    expect(report).toHaveProperty('detail', expect.stringContaining('more than 131072 names'));
  });
});
