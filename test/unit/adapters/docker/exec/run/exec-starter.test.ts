import { DockerEngine } from '../../../../../../src/adapters/docker/connection/docker-engine.ts';
import {
  ExecStarter,
  type StartedExec,
} from '../../../../../../src/adapters/docker/exec/run/exec-starter.ts';
import { ConcurrencyLimit } from '../../../../../../src/application/fetching/concurrency-limit.ts';
import type { ExecKind } from '../../../../../../src/domain/reporting/docker-observer.ts';
import { recordedContainer, ScriptedEngine } from '../../../../../support/docker/scripted-engine.ts';
import { NEVER } from '../../../../../support/fakes.ts';

describe('ExecStarter', () => {
  it('tells what execs were started for, and how many sessions are open', async () => {
    await using engine = await ScriptedEngine.start({ run: () => undefined });
    const seen: (ExecKind | number)[] = [];
    const starter = new ExecStarter(new DockerEngine({ host: engine.host }), new ConcurrencyLimit(8), {
      observeExec: (kind) => seen.push(kind),
      observeOpenSessions: (count) => seen.push(count),
    });
    const start = async (kind: ExecKind): Promise<StartedExec> => {
      const exec = await starter.start(
        () => ({ containerId: recordedContainer('alone').Id, command: ['true'], kind }),
        NEVER,
      );
      if (exec === 'queued') throw new Error('there was no place');
      exec.connection.on('error', () => undefined);
      return exec;
    };
    const ended = async ({ connection }: StartedExec): Promise<void> => {
      const closed = new Promise((resolve) => connection.once('close', resolve));
      connection.destroy();
      await closed;
    };
    await ended(await start('fetch'));
    const first = await start('session');
    const second = await start('session');
    await ended(first);
    await ended(second);
    expect(seen).toEqual(['fetch', 'session', 1, 'session', 2, 1, 0]);
  });
});
