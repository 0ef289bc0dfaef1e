// Runs the checks of script/test one after the other, all of them even if one fails, and counts the results.
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { countResults, type JestResults } from './count-results.ts';

const STEPS = ['lint', 'typecheck', 'build'] as const;

const STREAMS_AND_ENVIRONMENT: Readonly<Record<'npm' | 'jest', SpawnSyncOptions>> = {
  npm: { stdio: ['ignore', 'inherit', 'inherit'] },
  jest: {
    // Its report goes to stderr; stdout would have the JSON, too, although that is written to a file.
    stdio: ['ignore', 'ignore', 1],
    env: { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --experimental-vm-modules` },
  },
};

const failedSteps = STEPS.filter((step) => {
  console.log(`== ${step}`);
  return !succeeds('npm', ['run', '--silent', step]);
});

console.log('== unit and integration tests');
const outputFile = '.cache/test-results.json';
rmSync(outputFile, { force: true });
// Two workers even on two cores: many tests wait for containers. And jest ends a worker that hangs at the end.
const jest = [
  '--selectProjects',
  'unit',
  'integration',
  '--maxWorkers=2',
  '--json',
  `--outputFile=${outputFile}`,
];
const isGreen = succeeds('jest', [...jest, ...process.argv.slice(2)]);
const results = existsSync(outputFile)
  ? (JSON.parse(readFileSync(outputFile, 'utf8')) as JestResults)
  : undefined;
const { passed, failed } = countResults(results, isGreen, failedSteps.length);
for (const step of failedSteps) console.log(`failed: npm run ${step}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Ctrl-C reaches the running step itself (the whole process group); only the steps after it must not start. */
function succeeds(command: 'npm' | 'jest', args: readonly string[]): boolean {
  const { status, signal } = spawnSync(command, args, STREAMS_AND_ENVIRONMENT[command]);
  if (signal !== null) process.exit(130);
  return status === 0;
}
