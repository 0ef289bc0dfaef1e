import { AddSources } from '../../../src/application/add-sources.ts';
import { failure } from '../../../src/domain/fetching/failure.ts';
import type { ExpositionSource, Merge } from '../../../src/domain/exposition/metrics-relabeler.ts';
import type { MetricsSource } from '../../../src/domain/exposition/metrics-source.ts';
import { delay, NEVER, RecordingLogger } from '../../support/fakes.ts';

const ANY = (): boolean => true;

/** A merge that records what is added; the body `bad` is malformed. */
class RecordingMerge implements Pick<Merge, 'add'> {
  readonly added: ExpositionSource[] = [];

  add(source: ExpositionSource): ReturnType<Merge['add']> {
    if (textOf(source) === 'bad') return failure('malformed', 'line 1: bad');
    this.added.push(source);
    return { ok: true, samples: 1 };
  }
}

function textOf({ body }: ExpositionSource): string {
  return new TextDecoder().decode(body instanceof Uint8Array ? body : body.bytes());
}

function source(containerName: string, read: () => Promise<string>): MetricsSource {
  return {
    containerName,
    read: async () => ({ bytes: new TextEncoder().encode(await read()), contentType: 'text/plain' }),
  };
}

async function add(
  sources: AddSources,
  isWanted: (name: string) => boolean = ANY,
  signal: AbortSignal = NEVER,
  client: AbortSignal = NEVER,
): Promise<RecordingMerge> {
  const merge = new RecordingMerge();
  await sources.addTo(merge as unknown as Merge, isWanted, 5, { signal, client });
  return merge;
}

describe('AddSources', () => {
  const good = source('platform', () => Promise.resolve('a 1'));

  it('adds each source with its name, from the rank on', async () => {
    const sources = new AddSources(
      [good, source('jobs', () => Promise.resolve('b 2'))],
      new RecordingLogger(),
    );
    const { added } = await add(sources);
    expect(added.map((each) => [each.rank, each.labels, each.contentType, textOf(each)])).toEqual([
      [5, [{ name: 'container_name', value: 'platform' }], 'text/plain', 'a 1'],
      [6, [{ name: 'container_name', value: 'jobs' }], 'text/plain', 'b 2'],
    ]);
  });

  it('reads what is asked for alone', async () => {
    let reads = 0;
    const counted = source('jobs', () => Promise.resolve(`b ${++reads}`));
    const { added } = await add(
      new AddSources([good, counted], new RecordingLogger()),
      (name) => name !== 'jobs',
    );
    expect(added.map(textOf)).toEqual(['a 1']);
    expect(reads).toBe(0);
  });

  it('leaves out a source that fails, and logs once when that begins, changes and ends', async () => {
    const logger = new RecordingLogger();
    const answers = [
      (): Promise<string> => Promise.reject(new Error('no database')),
      (): Promise<string> => Promise.reject(new Error('no database')),
      (): Promise<string> => Promise.resolve('bad'),
      (): Promise<string> => Promise.resolve('c 3'),
    ];
    const sources = new AddSources([source('jobs', () => answers.shift()!()), good], logger);
    const texts: string[][] = [];
    while (answers.length > 0) texts.push((await add(sources)).added.map(textOf));
    expect(texts).toEqual([['a 1'], ['a 1'], ['a 1'], ['a 1', 'c 3'].reverse()]);
    expect(logger.lines.map(({ level, fields }) => [level, fields?.['problem']])).toEqual([
      ['warn', 'no database'],
      ['warn', 'malformed: line 1: bad'],
      ['info', undefined],
    ]);
  });

  it('waits for none beyond the deadline', async () => {
    const hung = source('jobs', () => new Promise(() => undefined));
    const { added } = await add(
      new AddSources([hung, good], new RecordingLogger()),
      ANY,
      AbortSignal.timeout(20),
    );
    expect(added.map(textOf)).toEqual(['a 1']);
  });

  it('logs nothing about a source that a client did not wait for', async () => {
    const logger = new RecordingLogger();
    const slow = source('jobs', () => delay(20).then(() => 'b 2'));
    const gone = AbortSignal.timeout(1);
    await add(new AddSources([slow], logger), ANY, gone, gone);
    expect(logger.lines).toEqual([]);
  });
});
