import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks, PROJECT, readDocument } from '../../support/markdown.ts';

const COMMANDS = codeBlocks(readDocument('CONTRIBUTING.md'), 'sh').flatMap((block) =>
  block
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== ''),
);

function run(
  command: string,
  env: Readonly<Record<string, string>> = {},
): { status: number; output: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd: PROJECT,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    encoding: 'utf8',
  });
  return { status: status ?? -1, output: stdout + stderr };
}

/** The tests that jest would run. */
function listedTests(command: string): string[] {
  const { output } = run(`${command} --listTests`);
  return output
    .split('\n')
    .flatMap((line) => (line.startsWith(PROJECT) ? [line.slice(PROJECT.length + 1)] : []));
}

/** What npm hands to the shell. */
function shellCommands(command: string): string[] {
  const { status, output } = run(command, {
    npm_config_script_shell: '/bin/echo',
    npm_config_loglevel: 'silent',
  });
  expect(status).toBe(0);
  return output.split('\n').flatMap((line) => (line.startsWith('-c ') ? line.slice(3).split(' && ') : []));
}

function isThere(program: string): boolean {
  return existsSync(join(PROJECT, 'node_modules/.bin', program)) || run(`command -v ${program}`).status === 0;
}

/** Each command of CONTRIBUTING.md, run in a form that takes no more than seconds. */
const CHEAP_FORMS: Readonly<Record<string, (command: string) => void>> = {
  'script/bootstrap': (command) => expect(run(command)).toEqual({ status: 0, output: '' }),
  'script/test': hasSyntax,
  'script/demo': (command) => expect(run(`${command} --help`).output).toMatch(/^usage: script\/demo/),
  'script/fuzz 60': () => expect(run('script/fuzz 1 1').output).toMatch(/ executions, 0 finds\n$/),
  'script/soak': hasSyntax,
  'npm run test:unit -- test/unit/domain/duration.test.ts': listsOne,
  'npm run test:unit -- test/unit/domain': (command) => {
    const tests = listedTests(command);
    expect(tests.length).toBeGreaterThan(5);
    expect(tests.filter((test) => !test.startsWith('test/unit/domain/'))).toEqual([]);
  },
  "npm run test:unit -- test/unit/domain/duration.test.ts -t '10s'": listsOne,
  'npm run lint:file -- src/domain/duration.ts': (command) => {
    expect(run(command)).toMatchObject({ status: 0 });
    expect(run('npm run lint:file').output).toContain('usage: npm run lint:file');
  },
  'npm run lint:layers': namesPrograms,
  'npm run typecheck': namesPrograms,
  'npm run build': namesPrograms,
  'npm run test:integration -- test/integration/demo.test.ts': listsOne,
  'npm run lint': namesPrograms,
  'npm run format': namesPrograms,
  'UPDATE_GOLDEN=1 npm run test:unit -- test/unit/adapters/exposition/golden.test.ts': listsOne,
  'npm run build:library && npm run build:types -- --local': namesPrograms,
};

function hasSyntax(command: string): void {
  expect(run(`bash -n ${command} && test -x ${command}`)).toEqual({ status: 0, output: '' });
}

function listsOne(command: string): void {
  const path = command.split(' ').find((word) => word.endsWith('.test.ts'));
  expect(listedTests(command)).toEqual([path]);
}

function namesPrograms(command: string): void {
  const programs = shellCommands(command).map((each) => each.split(' ')[0] ?? '');
  expect(programs).not.toEqual([]);
  expect(programs.filter((program) => !isThere(program))).toEqual([]);
}

describe('CONTRIBUTING.md', () => {
  it('has the commands that are tried here, and no other', () => {
    expect(COMMANDS).toEqual(Object.keys(CHEAP_FORMS));
  });

  it.each(Object.entries(CHEAP_FORMS))('%s', (command, works) => works(command), 120_000);
});
