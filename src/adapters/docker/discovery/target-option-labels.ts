import { parseDurationMs } from '../../../domain/duration.ts';
import {
  DEFAULT_TARGET_OPTIONS,
  FETCH_MODES,
  type FetchMode,
  type TargetOptions,
} from '../../../domain/targets/target.ts';

type Reading = Partial<Omit<TargetOptions, 'warnings'>>;

interface OptionLabel {
  readonly expected: string;
  /** Undefined: the value is not understood. */
  readonly read: (value: string) => Reading | undefined;
}

const OPTION_LABELS: Readonly<Record<string, OptionLabel>> = {
  'fetch-mode': {
    expected: FETCH_MODES.join(', '),
    read: (value) => (isFetchMode(value) ? { fetchMode: value } : undefined),
  },
  timeout: {
    expected: 'a duration such as 2s or 500ms',
    read: (value) => {
      const timeoutMs = parseDurationMs(value);
      return timeoutMs !== undefined && timeoutMs > 0 ? { timeoutMs } : undefined;
    },
  },
  'sample-limit': {
    expected: 'a whole number, 0 for no limit',
    read: (value) => (/^(?:0|[1-9][0-9]{0,14})$/.test(value) ? { sampleLimit: Number(value) } : undefined),
  },
  scheme: {
    expected: 'http, https',
    read: (value) => (value === 'http' || value === 'https' ? { scheme: value } : undefined),
  },
  'tls-verify': {
    expected: 'true, false',
    read: (value) => (value === 'true' || value === 'false' ? { verifiesTls: value === 'true' } : undefined),
  },
};

const MAX_SHOWN_CHARACTERS = 40;

/** Reads the option labels (`<label>.timeout` and so on); one that is not understood is ignored with a warning. */
export function readTargetOptions(
  labels: Readonly<Record<string, string>>,
  mainLabel: string,
): TargetOptions {
  const prefix = `${mainLabel}.`;
  const warnings: string[] = [];
  let options: TargetOptions = DEFAULT_TARGET_OPTIONS;
  for (const name of Object.keys(labels).sort()) {
    if (!name.startsWith(prefix)) continue;
    const option = Object.hasOwn(OPTION_LABELS, name.slice(prefix.length))
      ? OPTION_LABELS[name.slice(prefix.length)]
      : undefined;
    if (option === undefined) {
      const known = Object.keys(OPTION_LABELS).map((key) => prefix + key);
      const shown = prefix + printable(name.slice(prefix.length));
      warnings.push(`label ${shown} is unknown and ignored: there are ${known.join(', ')}`);
      continue;
    }
    const value = labels[name] ?? '';
    const reading = option.read(value);
    if (reading === undefined) {
      warnings.push(`label ${name}="${printable(value)}" is ignored: allowed are ${option.expected}`);
    } else {
      options = { ...options, ...reading };
    }
  }
  return { ...options, warnings };
}

function isFetchMode(value: string): value is FetchMode {
  return FETCH_MODES.some((mode) => mode === value);
}

function printable(text: string): string {
  const shown = text.replace(/[^\u0020-\u007e]/gu, '?');
  return shown.length > MAX_SHOWN_CHARACTERS ? `${shown.slice(0, MAX_SHOWN_CHARACTERS - 1)}…` : shown;
}
