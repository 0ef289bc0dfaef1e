import { engine, named } from '../../../support/exposition/engine-and-reference.ts';
import {
  FORMATS,
  mergeAll,
  OPENMETRICS,
  TEXT,
  TEXT_TYPE,
  textOf,
} from '../../../support/exposition/merging.ts';

describe('a merge', () => {
  it('puts sources in order of rank, whatever order they come in', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false });
    for (const rank of [2, 0, 1]) {
      const body = Buffer.from(`# HELP m From ${rank}.\nm 1\nonly_${rank} 1\n`);
      merge.add({ labels: named(String(rank)), body, contentType: TEXT_TYPE, sampleLimit: 0, rank });
    }
    expect(textOf(merge.finish())).toBe(
      '# HELP m From 0.\n# TYPE m untyped\n' +
        [0, 1, 2].map((rank) => `m{container_name="${rank}"} 1\n`).join('') +
        [0, 1, 2]
          .map((rank) => `# TYPE only_${rank} untyped\nonly_${rank}{container_name="${rank}"} 1\n`)
          .join(''),
    );
  });

  it('needs a body no longer than `add` takes', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false });
    const body = Buffer.from('m{a="b"} 1\n');
    merge.add({ labels: [], body, contentType: TEXT_TYPE, sampleLimit: 0, rank: 0 });
    body.fill(0x78);
    expect(textOf(merge.finish())).toBe('# TYPE m untyped\nm{a="b"} 1\n');
  });

  it('keeps its answer until it is released, while others go on', () => {
    const first = engine.start({ format: TEXT, honorsLabels: false });
    first.add({
      labels: named('first'),
      body: Buffer.from('m 1\n'),
      contentType: TEXT_TYPE,
      sampleLimit: 0,
      rank: 0,
    });
    const answer = first.finish();
    const second = mergeAll(engine, [{ body: 'n 2\n'.repeat(100) }], TEXT);
    expect(textOf(answer)).toBe('# TYPE m untyped\nm{container_name="first"} 1\n');
    expect(second.text).toBe('# TYPE n untyped\nn{container_name="a"} 2\n');
    answer.release();
    answer.release();
    expect(mergeAll(engine, [{ body: 'o 3\n' }], TEXT).text).toBe(
      '# TYPE o untyped\no{container_name="a"} 3\n',
    );
  });

  it('is done after it has been finished or discarded', () => {
    const merge = engine.start({ format: TEXT, honorsLabels: false });
    merge.discard();
    merge.discard();
    expect(() => merge.finish()).toThrow('the merge is done');
    expect(() =>
      merge.add({ labels: [], body: Buffer.alloc(0), contentType: undefined, sampleLimit: 0, rank: 0 }),
    ).toThrow('the merge is done');
  });

  it.each(FORMATS)('without sources is empty: $contentType', (format) => {
    expect(mergeAll(engine, [], format).text).toBe(format.syntax === 'text' ? '' : '# EOF\n');
  });

  it('counts its bytes', () => {
    const merge = engine.start({ format: OPENMETRICS, honorsLabels: false });
    merge.add({
      labels: named('ü'),
      body: Buffer.from('m 1\n'),
      contentType: undefined,
      sampleLimit: 0,
      rank: 0,
    });
    const merged = merge.finish();
    expect(merged.byteLength).toBe(Buffer.byteLength(textOf(merged)));
  });
});

describe('merges at the same time', () => {
  it("don't touch each other, and neither do those that take over their memory", () => {
    const merging = (value: string): ReturnType<typeof engine.start> => {
      const merge = engine.start({ format: TEXT, honorsLabels: false });
      const body = Buffer.from(`# TYPE ${value} gauge\n${value}{i="1"} 1\n`);
      merge.add({ labels: named(value), body, contentType: TEXT_TYPE, sampleLimit: 0, rank: 0 });
      return merge;
    };
    for (let round = 0; round < 3; round++) {
      const names = ['a', 'b', 'c'].map((name) => `${name}${round}`);
      const answers = names.map(merging).map((merge) => merge.finish());
      expect(answers.map(textOf)).toEqual(
        names.map((name) => `# TYPE ${name} gauge\n${name}{container_name="${name}",i="1"} 1\n`),
      );
      for (const answer of answers) answer.release();
    }
  });
});
