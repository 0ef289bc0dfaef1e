import type { ServiceIdentifier } from 'inversify';

import { loadSettings } from '../../../../src/infrastructure/config/load-settings.ts';
import { buildContainer } from '../../../../src/infrastructure/container/build-container.ts';
import { SERVICES } from '../../../../src/infrastructure/container/services.ts';
import type { FetchOutcome } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../src/domain/targets/target.ts';
import { MISSING_PROGRAM, programs } from '../../../support/docker/exec-fetch-harness.ts';
import { recordedContainer, ScriptedEngine } from '../../../support/docker/scripted-engine.ts';
import { aRequest, NEVER } from '../../../support/fakes.ts';
import { RawServer, serving } from '../../../support/raw-server.ts';
import { aTarget } from '../../../support/targets.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\na 1\n';

const VARIANTS: Readonly<Record<string, Record<string, string>>> = {
  'the defaults': {},
  'http mode': { FETCH_MODE: 'http' },
  'one exec per fetch': { EXEC_SESSION: 'off' },
  'reuse of fetches': { REUSE_WITHIN: '5s' },
  'the task metadata': { TASK_METADATA: 'on' },
  'file discovery': { DISCOVERY: 'file', DISCOVERY_FILES: '/nowhere/*.json' },
};

describe('buildContainer', () => {
  for (const [variant, env] of Object.entries(VARIANTS)) {
    describe(`with ${variant}`, () => {
      const container = buildContainer(loadSettings(env));
      afterAll(() => container.get(SERVICES.closing).disposeAsync());

      it.each(Object.entries<ServiceIdentifier>(SERVICES))('resolves %s', (_name, identifier) => {
        expect(container.get(identifier)).toBeDefined();
      });
    });
  }

  it.each(['http', 'auto'] as const)(
    'gives a fetch that waits for its place its whole time once it has it: %s',
    async (fetchMode) => {
      const env = { HTTP_CONCURRENCY: '1', TARGET_TIMEOUT: '400ms', DOCKER_HOST: 'unix:///nowhere' };
      const container = buildContainer(loadSettings(env));
      const fetcher = container.get(SERVICES.scrapeFetcher);
      await using healthy = await RawServer.start(serving(OK));
      await using hung = await RawServer.start(() => undefined);
      const outcomeAt = (port: number, path = '/metrics'): Promise<FetchOutcome> => {
        const target = aTarget({
          id: port.toString(16).padStart(64, '0'),
          options: { ...DEFAULT_TARGET_OPTIONS, fetchMode },
        });
        return fetcher.fetch(aRequest({ target, endpoint: { port, path }, timeoutMs: 60_000 }), NEVER);
      };
      // Teaches auto that http reaches both.
      expect(await outcomeAt(healthy.port)).toMatchObject({ ok: true });
      const outcomes = [outcomeAt(hung.port), outcomeAt(healthy.port), outcomeAt(healthy.port, '/b')];
      expect((await Promise.all(outcomes)).map(({ ok }) => ok)).toEqual([false, true, true]);
      await container.get(SERVICES.closing).disposeAsync();
    },
  );

  it.each(['on', 'off'])('does so for an exec, too: EXEC_SESSION=%s', async (session) => {
    await using engine = await ScriptedEngine.start({
      // No shell: no session.
      run: programs(
        ['--max-time "$seconds"', { stdout: MISSING_PROGRAM, exitCode: 127 }],
        ['curl', { stdout: 'a 1\n\n200 4 ' }],
      ),
    });
    const env = { EXEC_CONCURRENCY: '2', TARGET_TIMEOUT: '400ms', EXEC_SESSION: session };
    const container = buildContainer(loadSettings({ ...env, DOCKER_HOST: engine.host }));
    for (let i = 0; i < 3; i++) engine.once('exec_create', { kind: 'freeze' });
    const names = ['alone', 'sidecar', 'on-the-host', 'two-networks', 'not-labelled'];
    const fetches = names.map((name) => {
      const target = aTarget({ id: recordedContainer(name).Id });
      return container.get(SERVICES.scrapeFetcher).fetch(aRequest({ target, timeoutMs: 5000 }), NEVER);
    });
    const reasons = (await Promise.all(fetches)).map((outcome) => (outcome.ok ? 'ok' : outcome.reason));
    expect(reasons).toEqual(['timeout', 'timeout', 'timeout', 'ok', 'ok']);
    await container.get(SERVICES.closing).disposeAsync();
  });

  it('makes each part once', () => {
    const container = buildContainer(loadSettings({}));
    expect(container.get(SERVICES.knownTargets)).toBe(container.get(SERVICES.knownTargets));
  });
});
