import convict from 'convict';

import { addFormats } from './formats.ts';
import { defaultScrapeBodySizeLimit, memoryLimitBytes } from './memory-limit.ts';
import { convictSchema, VARIABLES, type VariableName } from './schema.ts';
import type { Settings } from './settings.ts';

/** Everything that is wrong with the configuration, one line each. Never thrown for anything else. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings from environment variables. Throws ConfigurationError with all mistakes at once. */
export function loadSettings(env: Environment): Settings {
  addFormats();
  const names = Object.keys(VARIABLES) as VariableName[];
  const empty = names.filter(
    (name) => env[name] === '' && !name.startsWith('DOCKER_TLS') && !name.startsWith('DOCKER_CERT'),
  );
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const config = convict(convictSchema(), { env: given as NodeJS.ProcessEnv, args: [] });
  const mistakes = empty.map((name) => `${name} is set but empty: give it a value or leave it out`);
  try {
    config.validate({ allowed: 'strict' });
  } catch (error) {
    mistakes.push(...(error as Error).message.split('\n').map(withoutGetter));
  }
  const settings = toSettings((name) => config.get(name));
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

/** convict adds where a value came from; the variable's name says that already. */
function withoutGetter(line: string): string {
  return line.replace(/, getter was `env\[.*$/, '').trim();
}

function contradictions(settings: Settings, mistakes: readonly string[]): string[] {
  if (mistakes.length > 0) return [];
  if (settings.discovery === 'file' && settings.discoveryFiles.length === 0) {
    return ['DISCOVERY_FILES: expected at least one file with DISCOVERY=file'];
  }
  if (settings.discovery === 'docker' && settings.discoveryFiles.length > 0) {
    return ['DISCOVERY_FILES: only read with DISCOVERY=file'];
  }
  return [];
}

function toSettings(get: (name: VariableName) => unknown): Settings {
  const value = <T>(name: VariableName): T => get(name) as T;
  const optional = <T>(name: VariableName): T | undefined => (get(name) ?? undefined) as T | undefined;
  return {
    dockerLabelHasMetrics: value('DOCKER_LABEL_HAS_METRICS'),
    containerNameLabel: value('CONTAINER_NAME_LABEL'),
    httpListenAddress: value('HTTP_LISTEN_ADDRESS'),
    httpListenPort: value('HTTP_LISTEN_PORT'),
    fetchMode: value('FETCH_MODE'),
    execSession: value('EXEC_SESSION'),
    scrapeTimeout: optional('SCRAPE_TIMEOUT'),
    scrapeTimeoutOffset: value('SCRAPE_TIMEOUT_OFFSET'),
    targetTimeout: value('TARGET_TIMEOUT'),
    execConcurrency: value('EXEC_CONCURRENCY'),
    httpConcurrency: value('HTTP_CONCURRENCY'),
    reuseWithin: value('REUSE_WITHIN'),
    targetBodySizeLimit: value('TARGET_BODY_SIZE_LIMIT'),
    targetSampleLimit: value('TARGET_SAMPLE_LIMIT'),
    scrapeBodySizeLimit: optional('SCRAPE_BODY_SIZE_LIMIT') ?? defaultScrapeBodySizeLimit(memoryLimitBytes()),
    identityLabels: value('IDENTITY_LABELS'),
    honorLabels: value('HONOR_LABELS'),
    expositionFormat: value('EXPOSITION_FORMAT'),
    hostNetworkAddress: optional('HOST_NETWORK_ADDRESS'),
    discovery: value('DISCOVERY'),
    discoveryFiles: optional('DISCOVERY_FILES') ?? [],
    taskMetadata: value('TASK_METADATA'),
    webConfigFile: optional('WEB_CONFIG_FILE'),
    httpAllowCidrs: optional('HTTP_ALLOW_CIDRS') ?? [],
    logLevel: value('LOG_LEVEL'),
    logFormat: value('LOG_FORMAT'),
    dockerHost: optional('DOCKER_HOST'),
    dockerTlsVerify: optional('DOCKER_TLS_VERIFY') !== undefined,
    dockerCertPath: optional('DOCKER_CERT_PATH'),
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
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}
