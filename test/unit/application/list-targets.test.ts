import { KnownTargets } from '../../../src/application/known-targets.ts';
import { ListTargets } from '../../../src/application/list-targets.ts';
import { TargetBoard } from '../../../src/application/target-board.ts';
import { IdentityRegistry } from '../../../src/domain/targets/identity.ts';
import type { Target } from '../../../src/domain/targets/target.ts';
import { DiscoveryError } from '../../../src/domain/targets/target-discovery.ts';
import { NEVER, realClock, RecordingLogger } from '../../support/fakes.ts';
import { downReport, target, upReport } from '../../support/scrape-reports.ts';
import { METRICS } from '../../support/targets.ts';

function listing(running: readonly Target[] | DiscoveryError): {
  targets: KnownTargets;
  board: TargetBoard;
  list: ListTargets;
  calls: () => number;
} {
  let calls = 0;
  const discover = (): Promise<readonly Target[]> => {
    calls++;
    return running instanceof DiscoveryError ? Promise.reject(running) : Promise.resolve(running);
  };
  const logger = new RecordingLogger();
  const targets = new KnownTargets({ discover }, new IdentityRegistry(['container_name']), realClock, logger);
  const board = new TargetBoard(logger);
  return { targets, board, list: new ListTargets(targets, board, 'exec'), calls: () => calls };
}

describe('list', () => {
  const web = target('a', 'web');
  const db = target('b', 'db', { label: '9100/metrics,9100@x/y' });
  const cache = target('c', 'cache');

  it('joins what runs with how it fared', async () => {
    const { board, list } = listing([web, db, cache]);
    const labels = [{ name: 'container_name', value: 'x' }];
    board.record(
      [
        upReport({ target: web, endpoint: METRICS, labels }),
        downReport({ target: db, endpoint: METRICS, labels }, 'timeout'),
      ],
      1_795_000_000_000,
    );
    const { endpoints, invalid, problem } = await list.list(NEVER);
    expect(
      endpoints.map(({ identified, state, last }) => [
        identified.target.containerName,
        state,
        last?.report.failure?.reason,
        last?.atEpochMs,
      ]),
    ).toEqual([
      ['cache', 'unknown', undefined, undefined],
      ['db', 'down', 'timeout', 1_795_000_000_000],
      ['web', 'up', undefined, 1_795_000_000_000],
    ]);
    expect(invalid.map(({ target: of, endpoint }) => [of.containerName, endpoint.text])).toEqual([
      ['db', '9100@x/y'],
    ]);
    expect(problem).toBeUndefined();
  });

  it("shows a container's own fetch mode, else the exporter's", async () => {
    const options = { ...web.options, fetchMode: 'http' as const };
    const { list } = listing([{ ...web, options }, db]);
    const { endpoints } = await list.list(NEVER);
    expect(endpoints.map(({ mode }) => mode)).toEqual(['exec', 'http']);
  });

  it('reports why the discovery does not answer', async () => {
    const { list } = listing(new DiscoveryError('can not open the socket: permission denied'));
    expect(await list.list(NEVER)).toEqual({
      endpoints: [],
      invalid: [],
      problem: 'can not open the socket: permission denied',
    });
  });
});

describe('findId', () => {
  const first = target('a', 'first', { id: `0123456789ab${'0'.repeat(52)}` });
  const second = target('b', 'second', { id: `0123456789ac${'0'.repeat(52)}` });
  const twin = target('c', 'twin', { id: `0123456789ac${'1'.repeat(52)}` });
  const entry = target('d', 'entry', { id: '10.0.0.1:9100' });

  it.each([
    [first.id, first.id],
    ['0123456789ab', first.id],
    ['0123456789ab00', first.id],
    ['0123456789ac', undefined],
    ['0123456789ac1', twin.id],
    ['0123456789a', undefined],
    ['', undefined],
    ['fedcba987654', undefined],
    ['0123456789AB', undefined],
    ['10.0.0.1:9100', entry.id],
    ['10.0.0.1:91', undefined],
  ])('%p is %p', async (text, expected) => {
    const { list } = listing([first, second, twin, entry]);
    expect(await list.findId(text, NEVER)).toBe(expected);
  });

  it('asks the discovery only for what the last list does not have', async () => {
    const { list, targets, calls } = listing([first]);
    await targets.current(1000, NEVER);
    expect(await list.findId('0123456789ab', NEVER)).toBe(first.id);
    expect(calls()).toBe(1);
    expect(await list.findId('fedcba987654', NEVER)).toBeUndefined();
    expect(calls()).toBe(2);
  });
});
