/** Prometheus' static_config, which is also what a file of file_sd_configs lists: addresses that share labels. */
export interface TargetGroup {
  /** `host:port`; without a port, that of the scheme. The host is a name, an IPv4 address, or an IPv6 one in brackets. */
  readonly targets: readonly string[];
  /** All optional; `targetsOf` says which are heeded. */
  readonly labels?: Readonly<Record<string, string>>;
}

const KEYS = ['targets', 'labels'];

/**
 * Reads a file's text as a list of groups; whether they are any is left to `targetsOf`. YAML values keep the text that was written
 * (`1.10` stays `1.10`). Throws an Error that says what is wrong.
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

/** Checks a group. Throws an Error that names its place and says what is wrong, also for a key that no group has: it is a misspelt one. */
export function readGroup(group: unknown, place: string): TargetGroup {
  if (!isRecord(group)) throw new Error(`${place} is not an object with "targets" and "labels"`);
  const stranger = Object.keys(group).find((key) => !KEYS.includes(key));
  if (stranger !== undefined)
    throw new Error(`${place} has "${stranger}": a group has "targets" and "labels" only`);
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
