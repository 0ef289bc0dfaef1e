import type { Endpoint } from '../../src/domain/targets/endpoint.ts';
import type { IdentifiedEndpoint } from '../../src/domain/targets/identity.ts';
import { DEFAULT_TARGET_OPTIONS, type Target } from '../../src/domain/targets/target.ts';

export const METRICS: Endpoint = { port: 9100, path: '/metrics' };

/** A target with one endpoint, named by the given facts. */
export function aTarget(facts: Partial<Target> = {}): Target {
  const id = facts.id ?? 'a'.repeat(64);
  return {
    id,
    containerName: 'app',
    createdSeconds: 1_795_340_000,
    address: { kind: 'ip', host: '127.0.0.1' },
    endpoints: [METRICS],
    invalidEndpoints: [],
    attributes: { containerId: id, dockerName: `ecs-${id.slice(0, 4)}` },
    options: DEFAULT_TARGET_OPTIONS,
    ...facts,
  };
}

export function identified(target: Target = aTarget()): IdentifiedEndpoint {
  return {
    target,
    endpoint: target.endpoints[0] ?? METRICS,
    labels: [{ name: 'container_name', value: target.containerName }],
  };
}
