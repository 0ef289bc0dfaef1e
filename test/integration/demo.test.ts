import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Docker from 'dockerode';
import { hasEnded } from '../../script/lib/process-identity.ts';
import { codeBlocks, readDocument } from '../support/markdown.ts';
import { checkExposition, samples, scrape, targetUp } from '../support/scrape.ts';

const DEMO = join(import.meta.dirname, '../../script/demo');

interface RunningDemo extends AsyncDisposable {
  readonly demo: ChildProcess;
  readonly output: { stdout: string; stderr: string };
}

function startDemo(args: readonly string[]): RunningDemo {
  const demo = spawn(DEMO, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  demo.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  demo.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(demo, 'close');
  return {
    demo,
    output,
    async [Symbol.asyncDispose]() {
      demo.kill();
      await ended;
    },
  };
}

/** Containers whose demo has ended; another test may run the sample services at the same time. */
async function abandonedContainers(): Promise<number> {
  const label = 'ecs-service-metrics-exporter.demo';
  const all = await new Docker().listContainers({ all: true, filters: { label: [label] } });
  return all.filter(({ Labels }) => hasEnded(Labels[label] ?? '')).length;
}

/** The same services of another test, if there are any, give these a further label. */
function expectServices(text: string): void {
  const names = { shop: 'shop_orders_total', 'node-exporter': 'node_load1', ledger: 'ledger_entries_total' };
  for (const [service, name] of Object.entries(names))
    expect(samples(text, `${name}{container_name="${service}"`)).not.toEqual([]);
}

describe('script/demo', () => {
  it('prints all metrics, and nothing else, on stdout with --once', async () => {
    await using run = startDemo(['--once']);
    const { demo, output } = run;
    const [code] = (await once(demo, 'close')) as [number];
    expect({ code, stderr: output.stderr }).toEqual({ code: 0, stderr: expect.any(String) as string });
    checkExposition(output.stdout);
    expectServices(output.stdout);
    expect(targetUp(output.stdout, 'reports')).toBe(0);
    expect(await abandonedContainers()).toBe(0);
  });

  it('runs until Ctrl-C, and tidies up', async () => {
    await using run = startDemo([]);
    const { demo, output } = run;
    while (!output.stdout.includes('Ctrl-C stops the demo.')) await once(demo.stdout!, 'data');
    const url = /http:\/\/\S+\/metrics/.exec(output.stdout)?.[0] ?? '';
    expectServices((await scrape(url)).text);
    expect(output.stdout).toContain('/targets\n');
    const [promised = ''] = codeBlocks(readDocument('README.md'), 'text');
    // Another demo on this engine takes the bare names.
    const head = output.stdout.replaceAll(/,task_id="[^"]*"/g, '').split('\n');
    expect(head).toEqual(expect.arrayContaining(promised.trimEnd().split('\n')));
    demo.kill('SIGINT');
    const [code] = (await once(demo, 'close')) as [number];
    expect({ code, stderr: output.stderr }).toEqual({ code: 0, stderr: expect.any(String) as string });
    expect(await abandonedContainers()).toBe(0);
  });
});
