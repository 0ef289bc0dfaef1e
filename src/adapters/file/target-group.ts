/** Prometheus' static_config, which is also an entry of a file_sd file: addresses that share labels. */
export interface TargetGroup {
  /** `host:port`; without a port, that of the scheme. The host is a name, an IPv4 address, or an IPv6 one in brackets. */
  readonly targets: readonly string[];
  /** All optional; see `targetsOf` for those that are used. */
  readonly labels?: Readonly<Record<string, string>>;
}

const KEYS = ['targets', 'labels'];

/**
 * Reads a file's text as a list of groups, which `targetsOf` checks. YAML values keep the text that was written (`1.10` stays
 * `1.10`). Throws an Error whose message names the problem.
 */
export async function readTargetGroups(
  text: string,
  format: 'json' | 'yaml',
): Promise<readonly TargetGroup[]> {
  const content =
    format === 'json' ? (JSON.parse(text) as unknown) : (await import('./parse-yaml.ts')).parseYaml(text);
  // An empty YAML file is an empty list.
  if (content === null && format === 'yaml') return [];
  if (!Array.isArray(content)) throw new Error('not a list of groups');
  return content as readonly TargetGroup[];
}

/** Checks a group. Throws an Error that names its place and the problem, also for an unknown key, which is probably misspelt. */
export function readGroup(group: unknown, place: string): TargetGroup {
  if (!isRecord(group)) throw new Error(`${place} is not an object with "targets" and "labels"`);
  const unknownKey = Object.keys(group).find((key) => !KEYS.includes(key));
  if (unknownKey !== undefined)
    throw new Error(`${place} has "${unknownKey}": a group has "targets" and "labels" only`);
  const targets = isBlank(group['targets']) ? [] : group['targets'];
  const labels = isBlank(group['labels']) ? {} : group['labels'];
  if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string')) {
    throw new Error(`"targets" of ${place} is not a list of "host:port" strings`);
  }
  if (!isRecord(labels) || !Object.values(labels).every((value) => typeof value === 'string')) {
    throw new Error(`"labels" of ${place} is not an object of strings`);
  }
  return { targets, labels: labels as Record<string, string> };
}

/** A key without a value, as `labels:` alone in YAML. */
function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
