// Lints the files that are named, with ESLint and Prettier: npm run lint:file -- FILE…
// Rules about types get a program of these files and what they import; the whole project takes several times as long to load.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';

const PROJECT = join(import.meta.dirname, '../..');
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npm run lint:file -- FILE…');
  process.exit(2);
}

const eslint = new ESLint({
  warnIgnored: false,
  overrideConfig: {
    languageOptions: { parserOptions: { projectService: false, programs: [programOf(files)] } },
  },
});
const results = await eslint.lintFiles(files);
const formatter = await eslint.loadFormatter();
console.log(await formatter.format(results));
const { status } = spawnSync('prettier', ['--check', ...files], { stdio: 'inherit' });
const isFine = status === 0 && results.every(({ errorCount }) => errorCount === 0);
process.exitCode = isFine ? 0 : 1;

function programOf(paths: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT);
  const declarations = fileNames.filter((name) => name.endsWith('.d.ts'));
  return ts.createProgram([...declarations, ...paths.map((path) => resolve(path))], options);
}
