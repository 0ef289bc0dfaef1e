import convict from 'convict';

import { addFormats } from './formats.ts';
import { defaultScrapeBodySizeLimit, memoryLimitBytes } from './memory-limit.ts';
import { convictSchema, settingName, VARIABLES, type VariableName } from './schema.ts';
import type { Settings } from './settings.ts';

/** Everything that is wrong with the configuration: all mistakes at once. Never thrown for anything else. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** One line each. */
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** As for Docker's own client, an empty value of these is none. */
const MAY_BE_EMPTY: ReadonlySet<VariableName> = new Set([
  'DOCKER_HOST',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
]);

/** Reads the settings from environment variables. Throws ConfigurationError with all mistakes at once. */
export function loadSettings(env: Environment): Settings {
  addFormats();
  const names = Object.keys(VARIABLES) as VariableName[];
  const empty = names.filter((name) => env[name] === '' && !MAY_BE_EMPTY.has(name));
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const config = convict(convictSchema(), { env: given, args: [] });
  const mistakes = empty.map((name) => `${name} is set but empty: give it a value or leave it out`);
  try {
    config.validate({ allowed: 'strict' });
  } catch (error) {
    mistakes.push(...(error as Error).message.split('\n').map((line) => line.trim()));
  }
  const settings = toSettings(config.getProperties());
  mistakes.push(...contradictions(settings, mistakes));
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return settings;
}

/** Variables that look like misspelt ones of ours: what to say in the log about each. */
export function misspeltVariables(env: Environment): string[] {
  const known = Object.keys(VARIABLES);
  return Object.keys(env).flatMap((name) => {
    if (known.includes(name)) return [];
    const meant = known.find((variable) => variable.length > 6 && isOneSlipAway(name, variable));
    return meant === undefined ? [] : [`${name} is not a variable of this program: did you mean ${meant}?`];
  });
}

/** Settings that do nothing without another one: what to say in the log about each. */
export function idleSettings({ discovery, identityLabels, taskMetadata }: Settings): string[] {
  // In files of targets, service may be a label of the group.
  const hasNoService = discovery === 'docker' && !taskMetadata && identityLabels.includes('service');
  return hasNoService ? ["IDENTITY_LABELS: Docker doesn't know the service: set TASK_METADATA=on"] : [];
}

function contradictions(settings: Settings, mistakes: readonly string[]): string[] {
  if (mistakes.some((mistake) => mistake.startsWith('DISCOVERY'))) return [];
  if (settings.discovery === 'file' && settings.discoveryFiles.length === 0) {
    return ['DISCOVERY_FILES: expected at least one file with DISCOVERY=file'];
  }
  if (settings.discovery === 'docker' && settings.discoveryFiles.length > 0) {
    return ['DISCOVERY_FILES: only read with DISCOVERY=file'];
  }
  return [];
}

/** A setting is called by its variable's name in camelCase; what is not set is undefined, but for what is worked out here. */
function toSettings(values: Readonly<Record<string, unknown>>): Settings {
  const settings = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [settingName(name), value ?? undefined]),
  ) as unknown as Settings;
  const given: Partial<Settings> = settings;
  return {
    ...settings,
    scrapeBodySizeLimit: values['SCRAPE_BODY_SIZE_LIMIT']
      ? settings.scrapeBodySizeLimit
      : defaultScrapeBodySizeLimit(memoryLimitBytes()),
    discoveryFiles: given.discoveryFiles ?? [],
    httpAllowCidrs: given.httpAllowCidrs ?? [],
    dockerTlsVerify: values['DOCKER_TLS_VERIFY'] !== null,
  };
}

/** One letter added, left out, changed, or two neighbours swapped. */
function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA === `${restB.slice(1, 2)}${restB.slice(0, 1)}${restB.slice(2)}`
  );
}
