import { setTimeout as delay } from 'node:timers/promises';

import { parseEndpoints } from '../../../domain/targets/endpoint.ts';
import { DiscoveryError, type TargetDiscovery } from '../../../domain/targets/target-discovery.ts';
import type { Target, TargetAttributes } from '../../../domain/targets/target.ts';
import { containerAddress, isOnHostNetwork, networkOwnerId } from './container-address.ts';
import type { DockerEngine } from '../connection/docker-engine.ts';
import { DockerRequestError } from '../connection/docker-request-error.ts';
import type { ListedContainer } from '../connection/listed-container.ts';
import type { OwnContainer } from './own-container.ts';
import { readTargetOptions } from './target-option-labels.ts';

export interface DockerDiscoverySettings {
  /** DOCKER_LABEL_HAS_METRICS. */
  readonly metricsLabel: string;
  /** CONTAINER_NAME_LABEL. */
  readonly containerNameLabel: string;
  /** HOST_NETWORK_ADDRESS; undefined: 127.0.0.1 if we are on the host network or in no container, otherwise none. */
  readonly hostNetworkAddress: string | undefined;
  readonly ownContainer: OwnContainer;
}

type ListingEngine = Pick<DockerEngine, 'list' | 'explain'>;

const RETRY_AFTER_MS = 100;
const RESTART_GRACE_MS = 1000;
const GONE_FOR_A_MOMENT: ReadonlySet<string | undefined> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNREFUSED',
  'ENOENT',
]);

/** Finds the running containers that carry the label. Needs `GET /containers/json` of the daemon and nothing else. */
export class DockerTargetDiscovery implements TargetDiscovery {
  readonly #engine: ListingEngine;
  readonly #settings: DockerDiscoverySettings;
  #answeredLastTime = false;
  /** Our own container's id, or the beginning of it, as soon as it is known. */
  #ownIds: readonly string[] | undefined;

  constructor(engine: ListingEngine, settings: DockerDiscoverySettings) {
    this.#engine = engine;
    this.#settings = settings;
    const { certainId } = settings.ownContainer;
    if (certainId !== undefined) this.#ownIds = [certainId];
  }

  async discover(signal: AbortSignal): Promise<readonly Target[]> {
    try {
      const targets = await this.#discover(signal);
      this.#answeredLastTime = true;
      return targets;
    } catch (error) {
      this.#answeredLastTime = false;
      throw new DiscoveryError(this.#engine.explain(error, signal), { cause: error });
    }
  }

  async #discover(signal: AbortSignal): Promise<readonly Target[]> {
    const listed = await this.#listThroughRestart({ label: [this.#settings.metricsLabel] }, signal);
    const containers = await this.#withoutOurOwn(listed, signal);
    const networkOwners = await this.#findNetworkOwners(containers, signal);
    const hasHostNetwork = [...containers, ...networkOwners.values()].some(isOnHostNetwork);
    const hostNetworkAddress = hasHostNetwork ? await this.#hostNetworkAddress(signal) : undefined;
    return containers.map((container) => this.#toTarget(container, { networkOwners, hostNetworkAddress }));
  }

  /** A daemon that answered last time and is gone for a moment is restarting: the request is repeated. */
  async #listThroughRestart(
    filters: Record<string, string[]>,
    signal: AbortSignal,
  ): Promise<ListedContainer[]> {
    const giveUpMs = performance.now() + RESTART_GRACE_MS;
    for (;;) {
      try {
        return await this.#engine.list(filters, signal);
      } catch (error) {
        const isRestarting =
          this.#answeredLastTime && error instanceof DockerRequestError && GONE_FOR_A_MOMENT.has(error.code);
        if (!isRestarting || performance.now() > giveUpMs) throw error;
        // If the time is up meanwhile, the daemon's error is still the better answer.
        await delay(RETRY_AFTER_MS, undefined, { signal }).catch(() => {
          throw error;
        });
      }
    }
  }

  async #findNetworkOwners(
    containers: readonly ListedContainer[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ListedContainer>> {
    const owners = new Map(containers.map((container) => [container.Id, container]));
    const ownerIds = containers.map(networkOwnerId).filter((id) => id !== undefined);
    const missing = [...new Set(ownerIds)].filter((id) => !owners.has(id));
    if (missing.length > 0) {
      const found = await this.#engine.list({ id: missing }, signal);
      for (const owner of found) owners.set(owner.Id, owner);
    }
    return owners;
  }

  async #hostNetworkAddress(signal: AbortSignal): Promise<string | undefined> {
    const { hostNetworkAddress, ownContainer } = this.#settings;
    if (hostNetworkAddress !== undefined) return hostNetworkAddress;
    if (!ownContainer.isContainer) return '127.0.0.1';
    if (ownContainer.ids.length === 0) return undefined;
    const own = await this.#engine.list({ id: [...ownContainer.ids] }, signal);
    return own.some(
      (container) => beginsWithOne(container.Id, ownContainer.ids) && isOnHostNetwork(container),
    )
      ? '127.0.0.1'
      : undefined;
  }

  /**
   * A container with one of our ids may be the owner of the network that we share. Then we can't tell which of the two is
   * ours, and leave both in: rather a target too many (if it is us, we answer 508) than one that is missed.
   */
  async #withoutOurOwn(
    listed: readonly ListedContainer[],
    signal: AbortSignal,
  ): Promise<readonly ListedContainer[]> {
    const { ids } = this.#settings.ownContainer;
    if (this.#ownIds === undefined && listed.some(({ Id }) => beginsWithOne(Id, ids))) {
      const owners = (await this.#engine.list({}, signal)).map(networkOwnerId);
      this.#ownIds = ids.filter((id) => !owners.some((owner) => owner?.startsWith(id)));
    }
    const own = this.#ownIds ?? [];
    return listed.filter(({ Id }) => !beginsWithOne(Id, own));
  }

  #toTarget(container: ListedContainer, context: Parameters<typeof containerAddress>[1]): Target {
    const { metricsLabel, containerNameLabel } = this.#settings;
    const labels = container.Labels;
    const dockerName = dockerNameOf(container);
    const { valid, invalid } = parseEndpoints(labels[metricsLabel] ?? '');
    const named = labels[containerNameLabel];
    return {
      id: container.Id,
      containerName: named === undefined || named === '' ? dockerName : named,
      createdSeconds: container.Created,
      address: containerAddress(container, context),
      endpoints: valid,
      invalidEndpoints: invalid,
      attributes: attributesOf(container, dockerName),
      options: readTargetOptions(labels, metricsLabel),
    };
  }
}

function beginsWithOne(id: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => id.startsWith(beginning));
}

function dockerNameOf(container: ListedContainer): string {
  // Docker prefixes names with a slash; a legacy link of another container adds /other/alias.
  const names = container.Names.map((name) => name.replace(/^\//, '')).sort();
  return names.find((name) => !name.includes('/')) ?? container.Id.slice(0, 12);
}

function attributesOf({ Id, Image, Labels }: ListedContainer, dockerName: string): TargetAttributes {
  const label = (name: string): string | undefined => Labels[`com.amazonaws.ecs.${name}`];
  const given = {
    image: Image,
    taskArn: label('task-arn'),
    taskFamily: label('task-definition-family'),
    taskRevision: label('task-definition-version'),
    cluster: label('cluster'),
  };
  const known = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== ''),
  );
  return { containerId: Id, dockerName, ...known };
}
