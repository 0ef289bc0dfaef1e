import convict from 'convict';

import { addFormats } from './formats.ts';
import { defaultScrapeBodySizeLimit, memoryLimitBytes } from './memory-limit.ts';
import { convictSchema, settingName, VARIABLES, type VariableName } from './schema.ts';
import type { Settings } from './settings.ts';

/** The configuration is wrong. Has all mistakes at once, and is never thrown for anything else. */
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

/** As in Docker's own client, these count as not set if they are empty. */
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

/** A line for the log for each variable that looks like a misspelt one of ours. */
export function misspeltVariables(env: Environment): string[] {
  const known = Object.keys(VARIABLES);
  return Object.keys(env).flatMap((name) => {
    if (known.includes(name)) return [];
    const meant = known.find((variable) => variable.length > 6 && isOneTypoAway(name, variable));
    return meant === undefined ? [] : [`${name} is not a variable of this program: did you mean ${meant}?`];
  });
}

/** A line for the log for each setting that has no effect without another one. */
export function idleSettings({ discovery, identityLabels, taskMetadata }: Settings): string[] {
  // With file discovery, the label of a target group can give the service.
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

/** Names the values after their variables, in camelCase. Values that are not set become undefined or a default from here. */
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

/** One letter added, missing or different, or two neighbours swapped. */
function isOneTypoAway(a: string, b: string): boolean {
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
