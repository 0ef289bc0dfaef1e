import { KnownTargets } from '../../../src/application/known-targets.ts';
import { IdentityRegistry } from '../../../src/domain/targets/identity.ts';
import { DiscoveryError, type TargetDiscovery } from '../../../src/domain/targets/target-discovery.ts';
import type { Target } from '../../../src/domain/targets/target.ts';
import { delay, NEVER, RecordingLogger, realClock } from '../../support/fakes.ts';
import { aTarget } from '../../support/targets.ts';
import { latenessAfter } from '../../support/until.ts';

class ManualDiscovery implements TargetDiscovery {
  readonly calls: {
    answer(targets: readonly Target[]): void;
    reject(error: Error): void;
    signal: AbortSignal;
  }[] = [];

  discover(signal: AbortSignal): Promise<readonly Target[]> {
    return new Promise((answer, reject) => this.calls.push({ answer, reject, signal }));
  }
}

describe('KnownTargets', () => {
  let discovery: ManualDiscovery;
  let logger: RecordingLogger;
  let known: KnownTargets;

  beforeEach(() => {
    discovery = new ManualDiscovery();
    logger = new RecordingLogger();
    known = new KnownTargets(discovery, new IdentityRegistry(['container_name']), realClock, logger);
  });

  const listed = async (...targets: Target[]): ReturnType<KnownTargets['current']> => {
    const view = known.current(10_000, NEVER);
    discovery.calls.at(-1)!.answer(targets);
    return view;
  };
  const missed = async (message: string): ReturnType<KnownTargets['current']> => {
    const view = known.current(10_000, NEVER);
    discovery.calls.at(-1)!.reject(new DiscoveryError(message));
    return view;
  };

  it('orders the endpoints by container name, then id', async () => {
    const target = (containerName: string, id: string): Target =>
      aTarget({ containerName, id: id.repeat(64) });
    const view = await listed(target('b', '1'), target('a', '3'), target('a', '2'));
    expect(
      view.endpoints.map(({ target: { containerName, id } }) => `${containerName}${id.slice(0, 1)}`),
    ).toEqual(['a2', 'a3', 'b1']);
    expect(view.isDaemonReachable).toBe(true);
  });

  it('keeps the last known targets while the source does not answer', async () => {
    await listed(aTarget());
    const view = await missed('no socket');
    expect(view.isDaemonReachable).toBe(false);
    expect(view.endpoints).toHaveLength(1);
  });

  it('logs a problem once, again when it changes, and once when it is over', async () => {
    await missed('no socket');
    await missed('no socket');
    await missed('permission denied');
    await listed();
    await listed();
    expect(
      logger.lines
        .filter(({ level }) => level !== 'debug')
        .map((line) => line.fields?.['problem'] ?? line.message),
    ).toEqual(['no socket', 'permission denied', 'the source of targets answers again']);
  });

  it('does not wait for a source that never answers: a quarter of the budget', async () => {
    const current = known.current(2000, NEVER);
    expect(await latenessAfter(500, current)).toBeLessThan(1000);
    const view = await current;
    expect(view.isDaemonReachable).toBe(false);
    expect(discovery.calls[0]!.signal.aborted).toBe(true);
    expect(logger.lines.at(-1)?.fields?.['problem']).toMatch(/did not answer in time/);
  });

  it('logs once that the discovery hangs, whatever the timeouts of the scrapers', async () => {
    await known.current(40, NEVER);
    await known.current(80, NEVER);
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('rejects where the caller itself has left', async () => {
    await expect(known.current(10_000, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('ignores a list that arrives after that of a later call', async () => {
    const slow = known.current(10_000, NEVER);
    await listed(aTarget({ id: 'b'.repeat(64) }));
    discovery.calls[0]!.answer([aTarget()]);
    expect((await slow).targets.map(({ id }) => id[0])).toEqual(['b']);
  });

  it('keeps waiting for the list of one scrape when another one has run out of time', async () => {
    await listed();
    const patient = known.current(10_000, NEVER);
    const answer = discovery.calls.at(-1)!;
    expect((await known.current(40, NEVER)).isDaemonReachable).toBe(false);
    answer.answer([aTarget()]);
    expect(await patient).toMatchObject({ isDaemonReachable: true, targets: [{}] });
    expect(known.problem).toBeUndefined();
  });

  it('learns from a late list that the discovery answers', async () => {
    const overtaken = known.current(10_000, NEVER);
    await listed(aTarget());
    await missed('no socket');
    discovery.calls[0]!.answer([]);
    expect(await overtaken).toMatchObject({ isDaemonReachable: true, targets: [{}] });
  });

  it('ignores a failure that arrives after the list of a later call', async () => {
    const overtaken = known.current(10_000, NEVER);
    await listed(aTarget());
    discovery.calls[0]!.reject(new DiscoveryError('no socket'));
    expect(await overtaken).toMatchObject({ isDaemonReachable: true, targets: [{}] });
    expect(known.problem).toBeUndefined();
  });

  it('identifies anew what has changed in a list that its owner keeps', async () => {
    const kept = [aTarget({ containerName: 'b' })];
    const list = async (): ReturnType<KnownTargets['current']> => {
      const view = known.current(10_000, NEVER);
      discovery.calls.at(-1)!.answer(kept);
      return view;
    };
    const names = async (): Promise<readonly string[]> =>
      (await list()).endpoints.map(({ target }) => target.containerName);
    const { endpoints } = await list();
    await missed('no socket');
    const again = await list();
    expect(again.endpoints).toBe(endpoints);
    expect(again.isDaemonReachable).toBe(true);
    kept.push(aTarget({ containerName: 'a', id: '2'.repeat(64) }));
    expect(await names()).toEqual(['a', 'b']);
    kept[0] = aTarget({ containerName: 'c' });
    expect(await names()).toEqual(['a', 'c']);
    kept.pop();
    expect(await names()).toEqual(['c']);
  });

  it('warns once of each label that is not understood', async () => {
    const odd = aTarget({ invalidEndpoints: [{ text: '9100@x', reason: 'names a host' }] });
    await listed(odd);
    await listed(odd);
    await delay(0);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(logger.lines[0]!.fields?.['problem']).toBe('endpoint "9100@x" names a host');
  });
});
