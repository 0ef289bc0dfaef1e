import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { ImageProvider } from '../../script/lib/images.ts';
import { removeAbandonedEngines } from '../../script/lib/engine-remains.ts';
import { startPrivateEngine } from '../../script/lib/private-engine.ts';

/** Whatever of an engine is still on this machine. */
function remainsOf(folder: string): string[] {
  const id = folder.slice(folder.lastIndexOf('-') + 1);
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const processes = readdirSync('/proc').filter((pid) => {
    const path = `/proc/${pid}/cmdline`;
    return /^[0-9]+$/.test(pid) && existsSync(path) && readText(path).includes(folder);
  });
  return [
    ...mounts.filter((line) => line.includes(folder)),
    ...readdirSync('/sys/class/net').filter((name) => name.includes(id)),
    ...processes.map((pid) => `process ${pid}`),
    ...(existsSync(folder) ? [folder] : []),
  ];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function startContainer(docker: Docker): Promise<void> {
  const Image = await new ImageProvider({ engine: docker }).provide('bare');
  const Cmd = ['node', '--eval', 'setInterval(() => undefined, 1000)'];
  await docker.createNetwork({ Name: 'of-its-own' });
  const HostConfig = { NetworkMode: 'of-its-own' };
  const container = await docker.createContainer({ Image, Cmd, HostConfig });
  await container.start();
}

async function startKeeper(): Promise<{ keeper: ChildProcess; folder: string }> {
  const program = join(import.meta.dirname, '../../script/lib/engine-keeper.ts');
  const keeper = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { value } = await createInterface({ input: keeper.stdout })[Symbol.asyncIterator]().next();
  const { host } = JSON.parse(value!) as { host: string };
  return { keeper, folder: dirname(host.slice('unix://'.length)) };
}

describe('a private engine', () => {
  it('runs containers and leaves nothing behind', async () => {
    const engine = await startPrivateEngine();
    const bridges = () => readdirSync('/sys/class/net').filter((name) => name.startsWith('br-'));
    const before = bridges();
    await startContainer(new Docker({ socketPath: engine.socketPath }));
    expect(bridges()).not.toEqual(before);
    expect(remainsOf(engine.folder).length).toBeGreaterThan(4);
    await engine[Symbol.asyncDispose]();
    expect(remainsOf(engine.folder)).toEqual([]);
    expect(bridges()).toEqual(before);
  });

  it('is one of several at the same time', async () => {
    const [a, b] = await Promise.all([startPrivateEngine(), startPrivateEngine()]);
    await a[Symbol.asyncDispose]();
    const { Name } = (await new Docker({ socketPath: b.socketPath }).info()) as { Name: string };
    expect(Name).not.toBe('');
    await b[Symbol.asyncDispose]();
    expect([...remainsOf(a.folder), ...remainsOf(b.folder)]).toEqual([]);
  });

  it('ends when the run that it is for is killed', async () => {
    const { keeper, folder } = await startKeeper();
    expect(remainsOf(folder)).not.toEqual([]);
    // What the kernel does to a killed run's pipes.
    keeper.stdin?.destroy();
    await once(keeper, 'exit');
    expect(remainsOf(folder)).toEqual([]);
  });

  it('is removed by the next run where nobody was left to end it', async () => {
    const { keeper, folder } = await startKeeper();
    await startContainer(new Docker({ socketPath: join(folder, 'docker.sock') }));
    expect(await removeAbandonedEngines()).not.toContain(folder);
    keeper.kill('SIGKILL');
    await once(keeper, 'exit');
    await sleep(100);
    expect(remainsOf(folder)).not.toEqual([]);
    expect(await removeAbandonedEngines()).toContain(folder);
    expect(remainsOf(folder)).toEqual([]);
  });
});
