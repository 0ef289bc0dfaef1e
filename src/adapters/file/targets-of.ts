import { isIP, isIPv4 } from 'node:net';
import { parseEndpoints } from '../../domain/targets/endpoint.ts';
import type { Target, TargetAttributes, TargetOptions } from '../../domain/targets/target.ts';
import { readGroup, type TargetGroup } from './target-group.ts';

type Labels = Readonly<Record<string, string>>;

const DEFAULT_PORTS = new Map([
  ['http', '80'],
  ['https', '443'],
]);
const ADDRESS = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9_][A-Za-z0-9_.-]{0,252}))(?::([0-9]{1,10}))?$/;
const PARAMETER = '__param_';
const MAX_SHOWN_CHARACTERS = 80;

/**
 * Makes one target of each address, fetched by http. These of a group's labels are used: `container_name` (without it the
 * address is the name), `__metrics_path__`, `__scheme__`, `__param_<name>`, `__tls_verify__` (`false`: any certificate is
 * accepted), and for IDENTITY_LABELS `docker_name`, `image`, `task_arn`, `task_family`, `task_revision`, `cluster`,
 * `service`. An address or path that can't be fetched becomes an invalid endpoint of its target.
 * Throws an Error if a group is invalid, as in a file.
 */
export function targetsOf(groups: readonly TargetGroup[]): readonly Target[] {
  return groups.flatMap((group, i) => {
    const { targets, labels = {} } = readGroup(group, `group ${i + 1}`);
    return targets.map((address) => targetOf(address, labels));
  });
}

/** The first target of each id; calls back for each further one. */
export function firstOfEachId(
  targets: readonly Target[],
  onRepeated: (id: string) => void = () => undefined,
): readonly Target[] {
  const first = new Map<string, Target>();
  for (const target of targets) {
    if (first.has(target.id)) onRepeated(target.id);
    else first.set(target.id, target);
  }
  return [...first.values()];
}

function targetOf(address: string, labels: Labels): Target {
  const scheme = labels['__scheme__'] ?? 'http';
  const match = ADDRESS.exec(address);
  const host = match?.[1] ?? match?.[2];
  const problem = problemOf(host, match?.[1] !== undefined, scheme);
  if (host === undefined || problem !== undefined) return invalidTarget(address, labels, problem ?? '');
  const port = match?.[3] ?? DEFAULT_PORTS.get(scheme) ?? '';
  // Commas separate endpoints in the grammar of container labels.
  const { valid, invalid } = parseEndpoints(`${port}${pathOf(labels)}`.replaceAll(',', '%2C'));
  const path = valid[0]?.path ?? pathOf(labels);
  return {
    ...commonFacts(address, labels),
    id: path === '/metrics' ? address : `${address}${path}`,
    address: { kind: 'ip', host },
    endpoints: valid,
    invalidEndpoints: invalid,
  };
}

function invalidTarget(address: string, labels: Labels, reason: string): Target {
  return {
    ...commonFacts(address, labels),
    id: address,
    address: { kind: 'none', hint: reason },
    endpoints: [],
    invalidEndpoints: [{ text: address.slice(0, MAX_SHOWN_CHARACTERS), reason }],
  };
}

function commonFacts(
  address: string,
  labels: Labels,
): Pick<Target, 'containerName' | 'createdSeconds' | 'attributes' | 'options'> {
  const name = labels['container_name'] ?? '';
  const options: TargetOptions = {
    fetchMode: 'http',
    scheme: labels['__scheme__'] === 'https' ? 'https' : 'http',
    verifiesTls: labels['__tls_verify__'] !== 'false',
    warnings: [],
  };
  return {
    containerName: name === '' ? address : name,
    createdSeconds: 0,
    attributes: attributesOf(labels),
    options,
  };
}

function problemOf(host: string | undefined, isBracketed: boolean, scheme: string): string | undefined {
  if (host === undefined) return 'is no address: write host:port, an IPv6 host in brackets';
  if (isBracketed && (isIP(host) === 0 || isIPv4(host)))
    return 'has something else than an IPv6 address in brackets';
  if (!DEFAULT_PORTS.has(scheme)) return `has __scheme__ "${scheme.slice(0, 20)}": write http or https`;
  return undefined;
}

function pathOf(labels: Labels): string {
  const path = labels['__metrics_path__'] ?? '/metrics';
  const query = Object.entries(labels)
    .filter(([name]) => name.startsWith(PARAMETER))
    .map(
      ([name, value]) => `${encodeURIComponent(name.slice(PARAMETER.length))}=${encodeURIComponent(value)}`,
    )
    .sort()
    .join('&');
  const absolute = path.startsWith('/') ? path : `/${path}`;
  if (query === '') return absolute;
  return `${absolute}${absolute.includes('?') ? '&' : '?'}${query}`;
}

function attributesOf(labels: Labels): TargetAttributes {
  // Not the container id: it has to be unique, and a group's labels are those of all its addresses.
  const names: Readonly<Record<Exclude<keyof TargetAttributes, 'containerId'>, string>> = {
    dockerName: 'docker_name',
    image: 'image',
    taskArn: 'task_arn',
    taskFamily: 'task_family',
    taskRevision: 'task_revision',
    cluster: 'cluster',
    service: 'service',
  };
  const known = Object.entries(names).flatMap(([attribute, label]) => {
    const value = labels[label] ?? '';
    return value === '' ? [] : [[attribute, value]];
  });
  return Object.fromEntries(known) as TargetAttributes;
}
