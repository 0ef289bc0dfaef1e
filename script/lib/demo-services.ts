import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { spawn } from 'node:child_process';
import Docker from 'dockerode';
import { ImageProvider } from './images.ts';
import type { ImageRole } from './image-recipes.ts';
import { hasEnded, ownIdentity } from './process-identity.ts';

interface DemoService {
  /** The name that ECS would give the container. */
  readonly name: string;
  readonly image: ImageRole;
  readonly command: readonly string[];
  readonly endpoints: string;
  /** npm packages that the program imports. */
  readonly packages?: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');
const RUN_LABEL = 'ecs-service-metrics-exporter.demo';

const SERVICES: readonly DemoService[] = [
  {
    name: 'shop',
    image: 'node',
    command: ['node', '/demo/shop.mjs'],
    endpoints: '8080/metrics',
    packages: ['prom-client'],
  },
  { name: 'node-exporter', image: 'exporter', command: [], endpoints: '9100/metrics' },
  { name: 'ledger', image: 'node', command: ['node', '/demo/ledger.mjs'], endpoints: '9464/metrics' },
  { name: 'reports', image: 'node', command: ['node', '/demo/reports.mjs'], endpoints: '9100/metrics' },
];

/** The services whose samples the demo waits for: all except the one that always fails. */
export const WORKING_SERVICES = SERVICES.map(({ name }) => name).filter((name) => name !== 'reports');

/** Runs the sample services as labelled containers without published ports. */
export class DemoServices implements AsyncDisposable {
  readonly #docker = new Docker();
  readonly #images: ImageProvider;
  readonly #run = ownIdentity();

  constructor(log: (line: string) => void) {
    this.#images = new ImageProvider({ engine: this.#docker, log });
  }

  /** Rejects when the signal aborts; an image that is being made is still finished. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.#removeContainers(hasEnded);
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
    aborted.catch(() => undefined);
    for (const service of SERVICES) {
      signal?.throwIfAborted();
      const image = await Promise.race([this.#images.provide(service.image), aborted]);
      await this.#startService(service, image);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#removeContainers((run) => run === this.#run);
  }

  async #startService(service: DemoService, image: string): Promise<void> {
    const { name, command, endpoints, packages = [] } = service;
    const container = await this.#docker.createContainer({
      Image: image,
      name: `ecs-demo-${name}-${this.#run}`,
      Cmd: [...command],
      Labels: {
        [RUN_LABEL]: this.#run,
        'container-exposes-metrics': endpoints,
        'com.amazonaws.ecs.cluster': 'demo',
        'com.amazonaws.ecs.container-name': name,
        'com.amazonaws.ecs.task-arn': `arn:aws:ecs:eu-west-1:123456789012:task/demo/${taskId(name)}`,
        'com.amazonaws.ecs.task-definition-family': name,
        'com.amazonaws.ecs.task-definition-version': '1',
      },
    });
    if (command.length > 0) await container.putArchive(packServices(packages), { path: '/' });
    await container.start();
  }

  async #removeContainers(isToGo: (run: string) => boolean): Promise<void> {
    const all = await this.#docker.listContainers({ all: true, filters: { label: [RUN_LABEL] } });
    const gone = all.filter(({ Labels }) => isToGo(Labels[RUN_LABEL] ?? ''));
    for (const { Id } of gone) await this.#docker.getContainer(Id).remove({ force: true, v: true });
  }
}

/** A task id like those of ECS: 32 hex digits, the same for a name in every run. */
function taskId(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32);
}

/** A tar stream of demo/ and of the packages with their dependencies. */
function packServices(packages: readonly string[]): NodeJS.ReadableStream {
  const paths = ['demo', ...packageFolders(packages)];
  const tar = spawn(
    'tar',
    ['-c', '--owner=0', '--group=0', '--transform=s,^node_modules,demo/node_modules,', ...paths],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return tar.stdout;
}

function packageFolders(packages: readonly string[]): string[] {
  const folders = new Set<string>();
  const add = (name: string, from: string) => {
    const folder = findPackage(name, from);
    if (folders.has(folder)) return;
    folders.add(folder);
    const { dependencies = {} } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(dependencies)) add(dependency, join(ROOT, folder, 'package.json'));
  };
  for (const name of packages) add(name, import.meta.filename);
  return [...folders];
}

/** The package's folder, relative to the root. */
function findPackage(name: string, from: string): string {
  const entry = createRequire(from).resolve(name);
  const marker = `${sep}node_modules${sep}${name.replace('/', sep)}${sep}`;
  return relative(ROOT, dirname(`${entry.slice(0, entry.lastIndexOf(marker))}${marker}x`));
}
