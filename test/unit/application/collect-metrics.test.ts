import { jest } from '@jest/globals';
import { AddSources } from '../../../src/application/add-sources.ts';
import { CollectMetrics, type CollectSettings } from '../../../src/application/collect-metrics.ts';
import { KnownTargets } from '../../../src/application/known-targets.ts';
import { ScrapeAdmission, TooManyScrapesError } from '../../../src/application/scrape-admission.ts';
import { TargetBoard } from '../../../src/application/target-board.ts';
import { failure } from '../../../src/domain/fetching/failure.ts';
import { IdentityRegistry } from '../../../src/domain/targets/identity.ts';
import type { FetchOutcome, MetricsFetcher } from '../../../src/domain/fetching/metrics-fetcher.ts';
import type {
  ExpositionSource,
  Merge,
  MergeOptions,
  MetricsRelabeler,
} from '../../../src/domain/exposition/metrics-relabeler.ts';
import type { Label } from '../../../src/domain/targets/label.ts';
import type { MetricsSource } from '../../../src/domain/exposition/metrics-source.ts';
import type { ScrapeReport } from '../../../src/domain/reporting/scrape-report.ts';
import type { SelfMetrics } from '../../../src/domain/reporting/self-metrics.ts';
import type { Target } from '../../../src/domain/targets/target.ts';
import { readyWorkDone } from '../../../src/infrastructure/ready-work-done.ts';
import {
  delay,
  fetched,
  fetcherOf,
  NEVER,
  RecordingLogger,
  realClock,
  untilAborted,
} from '../../support/fakes.ts';
import { aTarget } from '../../support/targets.ts';
import { latenessAfter } from '../../support/until.ts';

/** Joins its sources in the order of their ranks; a body that begins with `bad` is malformed. */
class JoiningRelabeler implements MetricsRelabeler {
  finished = 0;
  discarded = 0;
  options: MergeOptions | undefined;
  readonly labelLists = new Set<readonly Label[]>();

  start(options: MergeOptions): Merge {
    this.options = options;
    const sources: { rank: number; line: string }[] = [];
    return {
      add: ({ body, labels, rank, isOwn = false }: ExpositionSource) => {
        this.labelLists.add(labels);
        const text = new TextDecoder().decode(body instanceof Uint8Array ? body : body.bytes());
        if (text.startsWith('bad')) return failure('malformed', 'line 1: bad');
        const line = `${labels.map(({ value }) => value).join('+')}: ${text.trim()}`;
        sources.push({ rank: isOwn ? -1 : rank, line });
        return { ok: true, samples: 1 };
      },
      typeConflicts: () => [],
      finish: () => {
        this.finished++;
        const lines = sources.sort((a, b) => a.rank - b.rank).map(({ line }) => line);
        const bytes = new TextEncoder().encode(lines.join('\n'));
        return {
          contentType: 'text/plain',
          chunks: [bytes],
          byteLength: bytes.byteLength,
          duplicateSamples: 0,
          unrepresentable: 0,
          release: () => undefined,
        };
      },
      discard: () => {
        this.discarded++;
      },
    };
  }
}

class RecordingSelfMetrics implements SelfMetrics {
  readonly reports: ScrapeReport[] = [];
  onExposeProcess: () => void = () => undefined;

  expose(report: ScrapeReport): ReturnType<SelfMetrics['expose']> {
    this.reports.push(report);
    return Promise.resolve(new TextEncoder().encode('own'));
  }

  exposeProcess(): ReturnType<SelfMetrics['exposeProcess']> {
    this.onExposeProcess();
    return Promise.resolve(new TextEncoder().encode('process'));
  }

  finished(): void {
    // Nothing to keep.
  }
}

const SETTINGS: CollectSettings = {
  scrapeTimeoutMs: 300,
  offsetMs: 10,
  format: 'auto',
  honorsLabels: false,
  maxBodyBytes: 1024,
  maxScrapeBytes: 4096,
  sampleLimit: 0,
};
const REQUEST = { accept: undefined, timeoutSeconds: undefined };
const named = (...names: string[]): Target[] =>
  names.map((containerName, i) => aTarget({ containerName, id: String(i).repeat(64) }));

describe('CollectMetrics', () => {
  const setUp = (
    targets: readonly Target[],
    fetcher: MetricsFetcher,
    settings: Partial<CollectSettings> = {},
    sources: readonly MetricsSource[] = [],
  ): {
    collect: CollectMetrics;
    relabeler: JoiningRelabeler;
    self: RecordingSelfMetrics;
    logger: RecordingLogger;
  } => {
    const logger = new RecordingLogger();
    const relabeler = new JoiningRelabeler();
    const self = new RecordingSelfMetrics();
    // Like Docker's: new objects each time.
    const discovery = { discover: () => Promise.resolve(targets.map((target) => ({ ...target }))) };
    const collect = new CollectMetrics(
      {
        targets: new KnownTargets(discovery, new IdentityRegistry(['container_name']), realClock, logger),
        fetcher,
        relabeler,
        selfMetrics: self,
        sources: new AddSources(sources, logger),
        admission: new ScrapeAdmission(2, 1024),
        readyWorkDone,
        board: new TargetBoard(logger),
        clock: realClock,
        logger,
      },
      { ...SETTINGS, ...settings },
    );
    return { collect, relabeler, self, logger };
  };
  const byName = (answers: Readonly<Record<string, FetchOutcome | 'hang' | 'throw'>>): MetricsFetcher =>
    fetcherOf(({ target }, signal) => {
      const answer = answers[target.containerName]!;
      if (answer === 'throw') throw new Error('a bug');
      return answer === 'hang' ? untilAborted(signal, failure('timeout', 'hung')) : Promise.resolve(answer);
    });
  const textOf = async (collect: CollectMetrics, names: string[] = []): Promise<string[]> => {
    const merged = await collect.collect(REQUEST, names, NEVER);
    const text = new TextDecoder().decode(merged.chunks[0]);
    merged.release();
    return text.split('\n');
  };
  const reasons = (report: ScrapeReport | undefined): Record<string, string> =>
    Object.fromEntries(
      report!.endpoints.map(({ identified, failure: failed }) => [
        identified.target.containerName,
        failed?.reason ?? 'up',
      ]),
    );

  it('asks the targets before it looks at its own process', async () => {
    const order: string[] = [];
    const fetcher = fetcherOf(async ({ target }) => {
      // The wrappers of a fetcher take a few turns of the event loop.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      order.push(target.containerName);
      return fetched('x 1');
    });
    const { collect, self } = setUp(named('a', 'b'), fetcher);
    self.onExposeProcess = () => order.push('process');
    await textOf(collect);
    expect(order).toEqual(['a', 'b', 'process']);
  });

  it('merges what the targets return, our own families first and our process last', async () => {
    const { collect } = setUp(named('b', 'a'), byName({ a: fetched('x 1'), b: fetched('y 2') }));
    expect(await textOf(collect)).toEqual([
      ': own',
      'a: x 1',
      'b: y 2',
      'ecs-service-metrics-exporter: process',
    ]);
  });

  it('gives the merge the same arrays of labels in every scrape', async () => {
    const source = {
      containerName: 'source',
      read: () => Promise.resolve({ bytes: Buffer.from('x 1'), contentType: undefined }),
    };
    const fetcher = fetcherOf(() => Promise.resolve(fetched('x 1')));
    const { collect, relabeler } = setUp(named('a', 'b'), fetcher, {}, [source]);
    await textOf(collect);
    const before = [...relabeler.labelLists];
    await textOf(collect);
    expect(before.map((labels) => labels.map(({ value }) => value).join())).toEqual(
      expect.arrayContaining(['', 'a', 'b', 'source', 'ecs-service-metrics-exporter']),
    );
    expect([...relabeler.labelLists]).toEqual(before);
    expect(relabeler.labelLists.size).toBe(before.length);
  });

  it('accepts no more bytes in one scrape than the limit, even if the others have been merged', async () => {
    const answers = { a: fetched('a 1'), b: fetched('b 1234'), c: fetched('c 1') };
    const { collect, self, relabeler } = setUp(named('a', 'b', 'c'), byName(answers), { maxScrapeBytes: 7 });
    expect(await textOf(collect)).toEqual(expect.arrayContaining(['a: a 1', 'c: c 1']));
    expect(reasons(self.reports[0])).toEqual({ a: 'up', b: 'over_budget', c: 'up' });
    // The merge may hold twice as much.
    expect(relabeler.options).toMatchObject({ maxHeldBytes: 14 });
  });

  it('serves the others whatever one target does', async () => {
    const answers = {
      hung: 'hang',
      thrown: 'throw',
      refused: failure('connection_failed', 'refused'),
      garbage: fetched('bad'),
      good: fetched('x 1'),
    } as const;
    const { collect, self } = setUp(named(...Object.keys(answers)), byName(answers));
    const collected = textOf(collect);
    expect(await latenessAfter(300, collected)).toBeLessThan(1000);
    expect(await collected).toContain('good: x 1');
    expect(reasons(self.reports[0])).toEqual({
      hung: 'timeout',
      thrown: 'internal',
      refused: 'connection_failed',
      garbage: 'malformed',
      good: 'up',
    });
  });

  it('releases every body once', async () => {
    const bodies = { good: fetched('x 1'), garbage: fetched('bad') };
    const { collect } = setUp(named('good', 'garbage'), byName(bodies));
    await textOf(collect);
    expect([bodies.good.body.holders, bodies.garbage.body.holders]).toEqual([0, 0]);
  });

  it('starts the targets that timed out last time after all others', async () => {
    const started: string[] = [];
    const { collect } = setUp(
      named('a', 'b'),
      fetcherOf((request, signal) => {
        started.push(request.target.containerName);
        const answers = byName({ a: 'hang', b: fetched('x 1') });
        return answers.fetch(request, signal);
      }),
      { scrapeTimeoutMs: 200 },
    );
    await textOf(collect);
    await textOf(collect);
    expect(started).toEqual(['a', 'b', 'b', 'a']);
  });

  it("gives the fetchers what is left of the scraper's own timeout", async () => {
    let timeoutMs = 0;
    const fetcher = fetcherOf((request) => {
      timeoutMs = request.timeoutMs;
      return Promise.resolve(fetched());
    });
    const { collect } = setUp(named('a'), fetcher, { scrapeTimeoutMs: undefined });
    await collect.collect({ accept: undefined, timeoutSeconds: '30' }, [], NEVER);
    expect(timeoutMs).toBeGreaterThan(20_000);
    expect(timeoutMs).toBeLessThanOrEqual(29_990);
  });

  it('filters by container name', async () => {
    const { collect, self } = setUp(named('a', 'b'), byName({ a: fetched('x 1'), b: fetched('y 2') }));
    expect(await textOf(collect, ['b'])).toEqual([': own', 'b: y 2']);
    expect(reasons(self.reports[0])).toEqual({ b: 'up' });
  });

  it('counts invalid endpoints of the containers asked for, as it does the others', async () => {
    const invalidEndpoints = [{ text: '9100@x', reason: 'names a host' }];
    const targets = named('a', 'b').map((target) => ({ ...target, invalidEndpoints }));
    const { collect, self } = setUp(
      targets,
      byName({ a: failure('redirect', 'to'), b: failure('redirect', 'to') }),
    );
    await textOf(collect);
    await textOf(collect, ['b']);
    expect(self.reports.map((report) => report.invalidEndpoints)).toEqual([2, 1]);
  });

  it('refuses scrapes beyond the limit, and admits others later', async () => {
    const { collect } = setUp(named('a'), byName({ a: 'hang' }), { scrapeTimeoutMs: 50 });
    const running = [textOf(collect), textOf(collect)];
    await expect(textOf(collect)).rejects.toThrow(TooManyScrapesError);
    await Promise.all(running);
    await textOf(collect);
  });

  it.each<[story: string, fail: (parts: ReturnType<typeof setUp>) => Promise<unknown>]>([
    [
      'whose merge could not begin',
      async ({ collect, relabeler }) => {
        const start = jest.spyOn(relabeler, 'start').mockImplementation(() => {
          throw new RangeError('out of memory');
        });
        await collect.collect(REQUEST, [], NEVER).finally(() => start.mockRestore());
      },
    ],
    [
      'whose scraper left',
      ({ collect }) => collect.collect(REQUEST, [], AbortSignal.abort(new Error('gone'))),
    ],
    [
      'whose own metrics could not be read',
      async ({ collect, self }) => {
        const expose = jest.spyOn(self, 'expose').mockRejectedValue(new Error('a bug'));
        await collect.collect(REQUEST, [], NEVER).finally(() => expose.mockRestore());
      },
    ],
  ])('makes room again for scrapes behind those %s', async (_, fail) => {
    const parts = setUp(
      named('a'),
      fetcherOf(() => Promise.resolve(fetched('x 1'))),
    );
    for (let i = 0; i < 3; i++) await expect(fail(parts)).rejects.toThrow(/^(?:out of memory|gone|a bug)$/);
    expect(await textOf(parts.collect)).toContain('a: x 1');
  });

  it('stops when the scraper leaves, without an answer and without logging failures of targets', async () => {
    const { collect, relabeler, logger } = setUp(named('a'), byName({ a: 'hang' }));
    const scraper = new AbortController();
    const answer = collect.collect(REQUEST, [], scraper.signal);
    await delay(5);
    scraper.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    expect([relabeler.finished, relabeler.discarded]).toEqual([0, 1]);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('answers about one target alone', async () => {
    const { collect } = setUp(
      named('a', 'b', 'c'),
      byName({ a: fetched('x 1'), b: failure('redirect', 'to'), c: fetched('bad') }),
    );
    const one = (digit: string): Promise<unknown> => collect.collectTarget(REQUEST, digit.repeat(64), NEVER);
    expect(await one('0')).toMatchObject({ kind: 'merged' });
    expect(await one('1')).toMatchObject({ kind: 'failed', failure: { reason: 'redirect' } });
    expect(await one('2')).toMatchObject({ kind: 'failed', failure: { reason: 'malformed' } });
    expect(await one('9')).toEqual({ kind: 'unknown' });
  });
});
