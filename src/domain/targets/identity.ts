import { compareText } from '../compare-text.ts';
import { PROGRAM_NAME } from '../program-name.ts';
import { endpointKey, type Endpoint } from './endpoint.ts';
import type { Label } from './label.ts';
import type { Target, TargetAttributes } from './target.ts';

/** The labels that IDENTITY_LABELS may name. */
export const IDENTITY_LABEL_NAMES = [
  'container_name',
  'container_id',
  'task_id',
  'task_family',
  'task_revision',
  'cluster',
  'image',
  'docker_name',
  'service',
] as const;
/** One of these names. */
export type IdentityLabelName = (typeof IDENTITY_LABEL_NAMES)[number];

/** What our own process metrics carry: no target may have the same identity. */
export const OWN_IDENTITY: readonly Label[] = [{ name: 'container_name', value: PROGRAM_NAME }];

/** One endpoint of a target with the labels that all its samples get. */
export interface IdentifiedEndpoint {
  readonly target: Target;
  readonly endpoint: Endpoint;
  readonly labels: readonly Label[];
}

interface Identity {
  readonly labels: readonly Label[];
  readonly fingerprint: string;
}

/**
 * Gives every endpoint on this host labels that no other endpoint has.
 *
 * Labels are fixed when a container is first seen and don't change while it runs: `identify` returns the same array object for
 * an endpoint as long as it is listed. Others cache what they derive from the labels by that object, so keep it, don't copy it.
 *
 * The endpoints of a container with several get `metrics_endpoint`. A new endpoint whose labels would still equal those of
 * another one gets `task_id`, or `container_id` if the task id is missing or doesn't make it unique. Of containers that are
 * first seen together, the oldest (created, then id) gets no extra label.
 */
export class IdentityRegistry {
  readonly #names: readonly IdentityLabelName[];
  readonly #reserved: readonly string[];
  #identities = new Map<string, Identity>();

  /** @param reserved labels that no target may have, in addition to our own. */
  constructor(names: readonly IdentityLabelName[], reserved: readonly (readonly Label[])[] = []) {
    this.#names = names;
    this.#reserved = [OWN_IDENTITY, ...reserved].map(fingerprint);
  }

  /** Returns the labels of all endpoints of these targets. Forgets the targets that are no longer listed. */
  identify(targets: readonly Target[]): readonly IdentifiedEndpoint[] {
    const byAge = [...targets].sort((a, b) => a.createdSeconds - b.createdSeconds || compareText(a.id, b.id));
    const kept = new Map<string, Identity>();
    const usedFingerprints = new Set(this.#reserved);
    for (const target of byAge) {
      for (const endpoint of target.endpoints) {
        const key = identityKey(target, endpoint);
        const known = this.#identities.get(key);
        if (known === undefined) continue;
        kept.set(key, known);
        usedFingerprints.add(known.fingerprint);
      }
    }
    this.#identities = kept;
    return byAge.flatMap((target) => this.#identifyTarget(target, usedFingerprints));
  }

  #identifyTarget(target: Target, usedFingerprints: Set<string>): IdentifiedEndpoint[] {
    const newEndpoints = target.endpoints.filter(
      (endpoint) => !this.#identities.has(identityKey(target, endpoint)),
    );
    if (newEndpoints.length > 0) {
      const base = labelsOf(target, this.#names);
      const extras = distinguishingLabels(target, this.#names);
      const isFree = (labels: readonly Label[]): boolean =>
        newEndpoints.every(
          (endpoint) => !usedFingerprints.has(fingerprint(withEndpoint(labels, target, endpoint))),
        );
      const labels = [base, ...extras.map((extra) => [...base, extra])].find(isFree) ?? [...base, ...extras];
      for (const endpoint of newEndpoints) {
        const own = withEndpoint(labels, target, endpoint);
        const identity = { labels: own, fingerprint: fingerprint(own) };
        usedFingerprints.add(identity.fingerprint);
        this.#identities.set(identityKey(target, endpoint), identity);
      }
    }
    return target.endpoints.map((endpoint) => ({
      target,
      endpoint,
      labels: this.#identities.get(identityKey(target, endpoint))?.labels ?? [],
    }));
  }
}

/** The task id: the last segment of a task's ARN. */
function taskId(attributes: TargetAttributes): string | undefined {
  return attributes.taskArn?.split('/').at(-1);
}

/** The value of an identity label, or undefined if the discovery doesn't know it. */
export function identityValue(target: Target, name: IdentityLabelName): string | undefined {
  const { attributes } = target;
  const values: Record<IdentityLabelName, () => string | undefined> = {
    container_name: () => target.containerName,
    container_id: () => attributes.containerId?.slice(0, 12),
    task_id: () => taskId(attributes),
    task_family: () => attributes.taskFamily,
    task_revision: () => attributes.taskRevision,
    // The ECS agent writes the cluster's name or its ARN, as it was configured.
    cluster: () => attributes.cluster?.split('/').at(-1),
    image: () => attributes.image,
    docker_name: () => attributes.dockerName,
    service: () => attributes.service,
  };
  return values[name]();
}

function labelsOf(target: Target, names: readonly IdentityLabelName[]): readonly Label[] {
  // An empty label value is the same as no label (Prometheus data model).
  return names.flatMap((name) => {
    const value = identityValue(target, name) ?? '';
    return value === '' ? [] : [{ name, value }];
  });
}

function distinguishingLabels(target: Target, names: readonly IdentityLabelName[]): readonly Label[] {
  const extras = labelsOf(
    target,
    (['task_id', 'container_id'] as const).filter((name) => !names.includes(name)),
  );
  // A target that is not a container has no container id; its own id is unique by contract.
  return target.attributes.containerId === undefined
    ? [...extras, { name: 'container_id', value: target.id }]
    : extras;
}

function withEndpoint(labels: readonly Label[], target: Target, endpoint: Endpoint): readonly Label[] {
  if (target.endpoints.length < 2) return labels;
  return [...labels, { name: 'metrics_endpoint', value: endpointName(target, endpoint) }];
}

/** Port and path without the query; endpoints that differ only in the query get a short hash of the path appended. */
export function endpointName(target: Target, endpoint: Endpoint): string {
  const name = withoutQuery(endpoint);
  const isAmbiguous = target.endpoints.some((other) => other !== endpoint && withoutQuery(other) === name);
  return isAmbiguous ? `${name}~${shortHash(endpoint.path)}` : name;
}

function withoutQuery(endpoint: Endpoint): string {
  return endpointKey(endpoint).replace(/\?.*$/, '');
}

/** FNV-1a, 32 bits, as 8 hex digits: enough to tell a few queries apart. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

function identityKey(target: Target, endpoint: Endpoint): string {
  return JSON.stringify([target.id, target.containerName, endpointKey(endpoint)]);
}

function fingerprint(labels: readonly Label[]): string {
  return JSON.stringify(
    labels.map(({ name, value }) => [name, value]).sort((a, b) => compareText(a[0] ?? '', b[0] ?? '')),
  );
}
