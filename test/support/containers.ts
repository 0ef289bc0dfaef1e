import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import type { ImageRole } from '../../script/lib/image-recipes.ts';
import { testImage } from './images.ts';

// Its reaper is an image of its own, pulled; what a test starts ends with `await using`.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';

/** What a target's server answers on one path. */
interface TargetRoute {
  /** Sent as latin1, so that any byte can be written. Default: one sample `up_and_running 1`. */
  readonly body?: string;
  /** `null` sends none. Default: text 0.0.4. */
  readonly contentType?: string | null;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  /** Never ends its answer: before a header is sent, or after the body. */
  readonly hangs?: 'before-headers' | 'in-body';
  /** Content-Length promises that many bytes more than are sent. */
  readonly missingBytes?: number;
  /** Chunked transfer coding instead of Content-Length. */
  readonly chunked?: boolean;
  /** The body is sent one byte every so many milliseconds. */
  readonly dripMs?: number;
  /** The body is sent that many times over. */
  readonly repeats?: number;
  /** The body, that many times over, is sent gzipped. */
  readonly gzippedRepeats?: number;
}

/** One listening socket of a target. */
interface TargetServer {
  /** Default 9100. */
  readonly port?: number;
  /** Default 0.0.0.0. */
  readonly host?: string;
  /** By path with its query; `*` for all others (without it: 404). */
  readonly routes: Readonly<Record<string, TargetRoute>>;
}

export interface TargetContainer {
  /** Default `node`: see IMAGE_ROLES. */
  readonly image?: Exclude<ImageRole, 'exporter' | 'build'>;
  /** Name of the label that marks a target. Default `container-exposes-metrics`; see `uniqueLabel`. */
  readonly metricsLabel?: string;
  /** Value of that label; `null` leaves it out. Default `9100/metrics`. */
  readonly endpoints?: string | null;
  /** Value of com.amazonaws.ecs.container-name; absent: no such label. */
  readonly ecsName?: string;
  /** Further Docker labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One server on 9100, or several. A route alone is what /metrics answers there. */
  readonly serves?: TargetRoute | readonly TargetServer[];
  /** Docker's name; absent: one that Docker makes up. */
  readonly name?: string;
  /** As in `docker run --network`. Default: the engine's bridge. */
  readonly networkMode?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Further settings of Testcontainers. */
  readonly configure?: (container: GenericContainer) => GenericContainer;
}

const METRICS_LABEL = 'container-exposes-metrics';
const ECS_NAME_LABEL = 'com.amazonaws.ecs.container-name';

/** A metrics label of a test's own: its exporter sees no other test's targets on the same engine. */
export function uniqueLabel(): string {
  return `${METRICS_LABEL}-${randomUUID()}`;
}

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const PROGRAM = readFileSync(join(import.meta.dirname, 'target-server.cjs'), 'utf8');

/**
 * Starts a container whose Node.js server answers as told; resolves once it listens (no port is published).
 * Its log has a line `request 9100 GET /path` per request and `connection 9100` per connection.
 */
export async function startTarget(options: TargetContainer = {}): Promise<StartedTestContainer> {
  const { metricsLabel = METRICS_LABEL, endpoints = '9100/metrics', ecsName, name, networkMode } = options;
  const labels = { ...options.labels };
  if (endpoints !== null) labels[metricsLabel] = endpoints;
  if (ecsName !== undefined) labels[ECS_NAME_LABEL] = ecsName;
  let container = new GenericContainer(await testImage(options.image ?? 'node'))
    .withEntrypoint(['node', '--eval', PROGRAM])
    .withEnvironment({
      ...options.environment,
      TARGET_SERVERS: JSON.stringify(targetServers(options.serves)),
    })
    .withLabels(labels)
    .withWaitStrategy(Wait.forLogMessage('target is ready'));
  if (name !== undefined) container = container.withName(name);
  if (networkMode !== undefined) container = container.withNetworkMode(networkMode);
  return (options.configure?.(container) ?? container).start();
}

function targetServers(serves: TargetContainer['serves'] = {}): TargetServer[] {
  const servers = isServerList(serves) ? serves : [{ routes: { '/metrics': serves } }];
  return servers.map(({ port = 9100, host = '0.0.0.0', routes }) => ({
    port,
    host,
    routes: Object.fromEntries(Object.entries(routes).map(([path, route]) => [path, withDefaults(route)])),
  }));
}

function isServerList(serves: TargetRoute | readonly TargetServer[]): serves is readonly TargetServer[] {
  return Array.isArray(serves);
}

function withDefaults(route: TargetRoute): TargetRoute {
  return { body: 'up_and_running 1\n', contentType: TEXT, ...route };
}

/** Targets that are started together and end together. */
export class TargetGroup implements AsyncDisposable {
  readonly containers: readonly StartedTestContainer[];

  constructor(containers: readonly StartedTestContainer[]) {
    this.containers = containers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.containers.map(stopIfThere));
  }
}

async function stopIfThere(container: StartedTestContainer): Promise<void> {
  try {
    await container.stop();
  } catch (error) {
    // The test has removed it.
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
  }
}

/** Starts targets at once; those that did start end where another one can't. */
export async function startTargets(targets: readonly TargetContainer[]): Promise<TargetGroup> {
  const results = await Promise.allSettled(targets.map(startTarget));
  const group = new TargetGroup(
    results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return group;
  await group[Symbol.asyncDispose]();
  throw failed.reason;
}

/** What the target's server has logged so far. */
export async function logOf(target: StartedTestContainer): Promise<string> {
  const docker = new Docker();
  const log = await docker.getContainer(target.getId()).logs({ stdout: true, stderr: true });
  return log.toString('latin1');
}
