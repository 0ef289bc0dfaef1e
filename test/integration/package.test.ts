import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { codeBlocks, PROJECT, readDocument } from '../support/markdown.ts';
import {
  emptyProject,
  npmInstall,
  packPackage,
  pinned,
  run,
  type PackedPackage,
} from '../support/packed-package.ts';
import { freePort, isAnswering } from '../support/program.ts';
import { samples } from '../support/scrape.ts';
import { listen, type WebServer } from '../support/web-client.ts';

const STRICT = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext'];
const EXAMPLES = readdirSync(join(PROJECT, 'examples')).map((file) => file.replace('.mjs', ''));
const SNIPPETS = codeBlocks(readDocument('docs/embedding.md'), 'ts');
/** What the examples import beside Node.js and the package, and what TypeScript needs for it. */
const FRAMEWORKS = ['koa', '@types/koa', 'express', '@types/express', 'fastify', 'prom-client'];

const ALONE = `
import { createServer } from 'node:http';
import { createExporter, type TargetDiscovery } from 'ecs-service-metrics-exporter';

const discovery: TargetDiscovery = { discover: () => Promise.resolve([]) };
const exporter = createExporter({ discovery, configure: (container, ports) => container.isBound(ports.clock) });
createServer(exporter.handler);
exporter.app.use(exporter.router.routes());
// @ts-expect-error -- not a fetcher
createExporter({ fetcher: { get: () => '' } });
`;

let packed: PackedPackage;
let project: string;
let target: WebServer;

beforeAll(async () => {
  packed = packPackage();
  project = emptyProject();
  npmInstall(project, [packed.tarball]);
  target = await listen((_request, response) => response.end('orders_total 3\n'));
});
afterAll(async () => {
  packed[Symbol.dispose]();
  rmSync(project, { recursive: true });
  await target[Symbol.asyncDispose]();
});

describe('the packed package', () => {
  it('holds the program, the library, its types and what people read, and nothing else', () => {
    const built = /^dist\/(?!index\.js$|main\.js$).+\.(?:js|wasm)$/;
    expect([...packed.files.keys()].filter((path) => !built.test(path)).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/main.js',
      'package.json',
    ]);
  });

  it('is smaller than 1 MB', () => {
    const bytes = [...packed.files.values()].reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThan(1_000_000);
  });

  it('has no fault that publint finds', () => {
    run('publint', ['run', packed.tarball, '--strict'], project);
  });

  it('has types that arethetypeswrong finds right for ESM', () => {
    run('attw', [packed.tarball, '--profile', 'esm-only'], project);
  });

  it('leaves no peer dependency to whoever installs it', () => {
    // Exits with 1 where one is missing.
    run('npm', ['ls', '--all'], project);
  });

  it('is all that a strict TypeScript project needs, and refuses wrong parts there', () => {
    writeFileSync(join(project, 'alone.mts'), ALONE);
    run('tsc', [...STRICT, '--skipLibCheck', 'false', 'alone.mts'], project);
  });
});

it('docstrings are enough for TypeDoc to write the API pages', () => {
  run('typedoc', ['--emit', 'none'], PROJECT);
});

describe('the examples', () => {
  beforeAll(() => {
    npmInstall(project, pinned(FRAMEWORKS));
    const groups = [{ targets: [`127.0.0.1:${target.port}`], labels: { container_name: 'checkout' } }];
    writeFileSync(join(project, 'targets.json'), JSON.stringify(groups));
    SNIPPETS.forEach((text, i) => writeFileSync(join(project, `snippet-${i}.mts`), text));
    for (const name of EXAMPLES) {
      // The same text is JavaScript and strict TypeScript.
      copyFileSync(join(PROJECT, 'examples', `${name}.mjs`), join(project, `${name}.mjs`));
      copyFileSync(join(PROJECT, 'examples', `${name}.mjs`), join(project, `${name}.mts`));
    }
  });

  it('compile in strict TypeScript, and so do those of docs/embedding.md', () => {
    const files = [...EXAMPLES, ...SNIPPETS.map((_text, i) => `snippet-${i}`)].map((name) => `${name}.mts`);
    run('tsc', [...STRICT, '--skipLibCheck', ...files], project);
  });

  const expected: Readonly<Record<string, readonly [path: string, sample: string]>> = {
    platform: ['/internal/metrics', 'orders_total{container_name="checkout"} 3'],
    express: ['/internal/metrics', 'orders_total{container_name="checkout"} 3'],
    fastify: ['/internal/metrics', 'orders_total{container_name="checkout"} 3'],
    'prom-client': ['/metrics', 'platform_requests_total{container_name="platform"} '],
  };
  const runs = EXAMPLES.flatMap((name) => [`${name}.mjs`, `${name}.mts`]);

  it.each(runs)('%s serves metrics and ends by itself', async (file) => {
    const [path, sample] = expected[file.replace(/\.m[jt]s$/, '')] ?? ['', ''];
    await using example = await startExample(file);
    const response = await fetch(example.url + path, { headers: AUTHORIZATION });
    expect(response.status).toBe(200);
    expect(samples(await response.text(), sample)).toHaveLength(1);
    expect(await example.stop()).toBe(0);
  });

  it("the platform's auth stands before the exporter", async () => {
    await using example = await startExample('platform.mjs');
    expect((await fetch(`${example.url}/internal/metrics`)).status).toBe(401);
  });

  it('fastify serves bytes and pages, too', async () => {
    await using example = await startExample('fastify.mjs');
    const metrics = await fetch(`${example.url}/metrics`, {
      headers: { Accept: 'application/openmetrics-text' },
    });
    expect(metrics.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    expect(await metrics.text()).toMatch(/# EOF\n$/);
    expect(await (await fetch(`${example.url}/internal/targets`)).text()).toContain('checkout');
  });
});

const AUTHORIZATION = { Authorization: 'Bearer secret' };

interface RunningExample extends AsyncDisposable {
  readonly url: string;
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
}

async function startExample(file: string): Promise<RunningExample> {
  const port = await freePort();
  const child = spawn(process.execPath, [file], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      METRICS_TOKEN: 'secret',
      CHECKOUT: `127.0.0.1:${target.port}`,
    },
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const url = `http://127.0.0.1:${port}`;
  while (!(await isAnswering(`${url}/`)) && child.exitCode === null)
    await new Promise((next) => setTimeout(next, 50));
  return {
    url,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
