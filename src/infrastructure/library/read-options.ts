import type { MetricsRegistry } from '../../adapters/prom-client/registry-metrics-source.ts';
import { OWN_IDENTITY } from '../../domain/targets/identity.ts';
import { ConfigurationError, loadSettings } from '../config/load-settings.ts';
import { settingName, VARIABLES, type Variable, type VariableName } from '../config/schema.ts';
import type { Settings } from '../config/settings.ts';
import type { ExporterOptions } from './exporter-options.ts';

/** The methods that each part must have: checked at run time for programs without TypeScript. */
const PART_METHODS: Readonly<Record<string, readonly string[]>> = {
  discovery: ['discover'],
  fetcher: ['fetch'],
  relabeler: ['start'],
  logger: ['debug', 'info', 'warn', 'error'],
  clock: ['nowMs', 'epochMs'],
};
const OTHER_OPTIONS = ['registries', 'configure'];

/**
 * Reads the options by turning them into the texts of variables, so that formats, defaults and checks are the same. Throws
 * ConfigurationError with all mistakes at once, in which the variables are called by their option names.
 */
export function readOptions(options: ExporterOptions): Settings {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const variables = new Map(Object.keys(VARIABLES).map((name) => [settingName(name), name as VariableName]));
  const env: Partial<Record<VariableName, string>> = {};
  const mistakes: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const variable = variables.get(name);
    if (value === undefined) continue;
    if (Object.hasOwn(PART_METHODS, name) && typeof value !== 'string') {
      mistakes.push(...partMistakes(name, value));
    } else if (variable !== undefined) {
      if (hasCommaInside(value)) mistakes.push(`${name}: an item with a comma can not be given`);
      const text = textOf(value, VARIABLES[variable]);
      if (text !== undefined) env[variable] = text;
    } else if (!OTHER_OPTIONS.includes(name)) {
      mistakes.push(`${name} is not an option`);
    }
  }
  mistakes.push(...otherMistakes(values));
  if (options.discovery !== undefined && typeof options.discovery !== 'string') env.FETCH_MODE ??= 'http';
  return loadNamingOptions(env, mistakes);
}

function loadNamingOptions(
  env: Partial<Record<VariableName, string>>,
  mistakes: readonly string[],
): Settings {
  try {
    const settings = loadSettings(env);
    if (mistakes.length === 0) return settings;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError([...mistakes, ...error.mistakes.map(namingOptions)]);
  }
  throw new ConfigurationError(mistakes);
}

function namingOptions(mistake: string): string {
  return mistake.replace(/\b[A-Z]+(?:_[A-Z]+)*\b/g, (word) =>
    Object.hasOwn(VARIABLES, word) ? settingName(word) : word,
  );
}

const BOOLEAN_TEXTS: Readonly<Record<string, readonly [no: string | undefined, yes: string]>> = {
  switch: ['off', 'on'],
  'boolean-word': ['false', 'true'],
  // Variables that are true whatever their value is.
  text: [undefined, 'true'],
};

/** The option as a variable's text; undefined: not set. */
function textOf(value: unknown, { format }: Variable): string | undefined {
  const booleans = typeof format === 'string' ? BOOLEAN_TEXTS[format] : undefined;
  if (typeof value === 'boolean' && booleans !== undefined) return booleans[value ? 1 : 0];
  return String(value);
}

function hasCommaInside(value: unknown): boolean {
  return Array.isArray(value) && value.some((item) => String(item).includes(','));
}

function partMistakes(name: string, part: unknown): string[] {
  const methods: Readonly<Record<string, unknown>> = Object(part) as Record<string, unknown>;
  return (PART_METHODS[name] ?? [])
    .filter((method) => typeof methods[method] !== 'function')
    .map((method) => `${name}: expected an object with ${method}()`);
}

function otherMistakes({ registries = {}, configure }: Readonly<Record<string, unknown>>): string[] {
  const mistakes =
    typeof registries === 'object' && registries !== null
      ? registryMistakes(registries)
      : ['registries: expected an object of registries by their names'];
  if (configure !== undefined && typeof configure !== 'function')
    mistakes.push('configure: expected a function');
  return mistakes;
}

function registryMistakes(registries: object): string[] {
  const taken = OWN_IDENTITY.map(({ value }) => value);
  return Object.entries(registries).flatMap(([name, registry]: [string, Partial<MetricsRegistry> | null]) => [
    ...(name === '' || taken.includes(name) ? [`registries: "${name}" can not be a registry's name`] : []),
    ...(typeof registry?.metrics === 'function' ? [] : [`registries: "${name}" has no metrics()`]),
  ]);
}
