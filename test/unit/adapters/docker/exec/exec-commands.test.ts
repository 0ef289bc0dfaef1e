import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DockerEngine } from '../../../../../src/adapters/docker/connection/docker-engine.ts';
import { ExecStarter } from '../../../../../src/adapters/docker/exec/run/exec-starter.ts';
import { askTaskService } from '../../../../../src/adapters/docker/task-metadata/ask-task-service.ts';
import { ConcurrencyLimit } from '../../../../../src/application/fetching/concurrency-limit.ts';
import type { FetchRequest } from '../../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS, type TargetOptions } from '../../../../../src/domain/targets/target.ts';
import {
  ExecFetchBench,
  FETCHED_ID,
  MISSING_PROGRAM,
} from '../../../../support/docker/exec-fetch-harness.ts';
import { ScriptedEngine } from '../../../../support/docker/scripted-engine.ts';
import { SessionBench } from '../../../../support/docker/session-harness.ts';
import { aTarget } from '../../../../support/targets.ts';

/** What runs in other people's containers, to the byte; UPDATE_GOLDEN=1 rewrites it: review the difference. */
const PINNED = join(import.meta.dirname, '../../../../support/docker/exec-commands.txt');

const SCHEMES: Readonly<Record<string, Partial<TargetOptions>>> = {
  http: {},
  https: { scheme: 'https' },
  'https, verified': { scheme: 'https', verifiesTls: true },
};

const WGET_VERSIONS = {
  gnu: { stdout: 'GNU Wget 1.21.3 built on linux-gnu.\n', stderr: '', exitCode: 0 },
  busybox: { stdout: '', stderr: 'BusyBox v1.36.1 multi-call binary.\n', exitCode: 1 },
} as const;

function aRequest(options: Partial<TargetOptions>): Partial<FetchRequest> {
  return {
    target: aTarget({ id: FETCHED_ID, options: { ...DEFAULT_TARGET_OPTIONS, ...options } }),
    endpoint: { port: 9100, path: "/x'?collect[]=$(id)&b=%00" },
    limit: { leftMs: () => 1234.567, standStill: (wait) => wait() },
    maxBodyBytes: 100_000,
  };
}

/** One line: an argument vector in JSON, its scripts by number. */
function commandLine(title: string, command: readonly string[]): string {
  const parts = command.map((argument) =>
    argument.includes('\n') ? `script ${scriptNumber(argument)}` : JSON.stringify(argument),
  );
  return `${title}: ${parts.join(' ')}\n`;
}

const scripts: string[] = [];

function scriptNumber(script: string): number {
  if (!scripts.includes(script)) scripts.push(script);
  return scripts.indexOf(script) + 1;
}

async function oneShotCommands(): Promise<string[]> {
  const texts: string[] = [];
  for (const [scheme, options] of Object.entries(SCHEMES)) {
    await using bench = await ExecFetchBench.start((exec) => exec.end(7));
    await bench.fetch(aRequest(options));
    texts.push(...bench.commands.map((command) => commandLine(`curl, ${scheme}`, command)));
  }
  for (const [flavour, version] of Object.entries(WGET_VERSIONS)) {
    for (const [scheme, options] of Object.entries(SCHEMES)) {
      await using bench = await ExecFetchBench.start((exec) => {
        const [program] = exec.command;
        if (program === 'curl') exec.stdout(MISSING_PROGRAM).end(127);
        else if (program === 'wget') exec.stdout(version.stdout).stderr(version.stderr).end(version.exitCode);
        else exec.stderr('Connection refused').end(4);
      });
      await bench.fetch(aRequest(options));
      const [, ...commands] = bench.commands;
      texts.push(...commands.map((command) => commandLine(`wget, ${flavour}, ${scheme}`, command)));
    }
  }
  return texts;
}

async function sessionTexts(): Promise<string[]> {
  const texts: string[] = [];
  for (const client of ['curl', 'gnu', 'busybox']) {
    for (const [scheme, options] of Object.entries(SCHEMES)) {
      await using bench = await SessionBench.start(({ exec, nonce }) =>
        exec.stderr(`Connection refused${nonce}\n`).stdout(`\n${nonce}=1\n`),
      );
      bench.greeting = `${client}\n`;
      await bench.fetch(aRequest(options));
      if (texts.length === 0) texts.push(commandLine('session', bench.engine.execs[0]!.command));
      const requests = bench.questions.map(({ fields }) => `${JSON.stringify(fields)}\n`);
      texts.push(...requests.map((lines) => `lines for ${client}, ${scheme}: ${lines}`));
    }
  }
  return texts;
}

async function taskServiceCommand(): Promise<string> {
  await using engine = await ScriptedEngine.start();
  const starter = new ExecStarter(new DockerEngine({ host: engine.host }), new ConcurrencyLimit(1));
  await askTaskService(starter, FETCHED_ID, AbortSignal.timeout(3000));
  return commandLine('task service', engine.execs[0]!.command);
}

it('commands, scripts and the lines of a session are what was reviewed', async () => {
  const commands = [...(await oneShotCommands()), ...(await sessionTexts()), await taskServiceCommand()];
  const text = [...commands, ...scripts.map((script, i) => `\n--- script ${i + 1}\n${script}\n`)].join('');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(PINNED, text);
  expect(text).toBe(readFileSync(PINNED, 'utf8'));
});
