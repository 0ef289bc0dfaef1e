import { parseArgs } from 'node:util';

import { checkLabel } from './check-label.ts';
import {
  ConfigurationError,
  idleSettings,
  loadSettings,
  misspeltVariables,
  type Environment,
} from './config/load-settings.ts';
import type { Settings } from './config/settings.ts';
import { runHealthCheck } from './health-check.ts';
import { VERSION } from './version.ts';
import { PROGRAM_NAME } from '../domain/program-name.ts';

const HELP = `Usage: ${PROGRAM_NAME} [command]

Serves the metrics of this host's labelled containers at /metrics. Settings are environment variables: see .env.example.

Commands:
  (none)       serve until SIGTERM or SIGINT
  check        list what would be scraped, try each endpoint once and explain every failure (exit 1 if there is one)
  check --label VALUE
               say how a label value is read
  health       exit 0 if the exporter with these settings is alive (the image's health check)

Options:
  --help       this text
  --version    the version
`;

const EXIT_MISTAKE = 1;

/** Runs the program: reads its arguments and environment, and resolves with the exit code. */
export async function run(args: readonly string[], env: Environment): Promise<number> {
  const commandLine = readCommandLine(args);
  if (typeof commandLine === 'string') return complain([commandLine]);
  const { command, wantsHelp, wantsVersion, label } = commandLine;
  if (wantsHelp) return say(HELP);
  if (wantsVersion) return say(`${VERSION}\n`);
  if (label !== undefined) return checkLabel(label);
  const settings = readSettings(env);
  if (settings === undefined) return EXIT_MISTAKE;
  return COMMANDS[command](settings, env);
}

type CommandName = 'serve' | 'check' | 'health';

// The server is loaded only by the commands that need it: the health check runs every few seconds.
const COMMANDS: Readonly<Record<CommandName, (settings: Settings, env: Environment) => Promise<number>>> = {
  serve: async (settings, env) =>
    (await import('./serve.ts')).serve(settings, [...misspeltVariables(env), ...idleSettings(settings)]),
  check: async (settings) => (await import('./check.ts')).check(settings),
  health: (settings) => runHealthCheck(settings),
};

interface CommandLine {
  readonly command: CommandName;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
  /** A label value: then only that is checked. */
  readonly label: string | undefined;
}

function readCommandLine(args: readonly string[]): CommandLine | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        label: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
    const [command = 'serve', ...others] = positionals;
    if (others.length > 0 || !isCommand(command))
      return `unknown command "${positionals.join(' ')}": see --help`;
    if (values.label !== undefined && command !== 'check') return '--label goes with check: see --help';
    return {
      command,
      wantsHelp: values.help ?? false,
      wantsVersion: values.version ?? false,
      label: values.label,
    };
  } catch (error) {
    return `${(error as Error).message}: see --help`;
  }
}

function isCommand(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text);
}

function readSettings(env: Environment): Settings | undefined {
  try {
    return loadSettings(env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    complain(['the configuration has mistakes:', ...error.mistakes.map((mistake) => `  ${mistake}`)]);
    return undefined;
  }
}

function complain(lines: readonly string[]): number {
  process.stderr.write(`${PROGRAM_NAME}: ${lines.join('\n')}\n`);
  return EXIT_MISTAKE;
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
