// Runs the checks of script/test one after the other, all of them even where one fails, and sums up.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { countResults, type JestResults } from './count-results.ts';

const STEPS = ['lint', 'typecheck', 'build'] as const;

const failedSteps = STEPS.filter((step) => {
  console.log(`== ${step}`);
  return !succeeds('npm', ['run', '--silent', step]);
});

console.log('== unit and integration tests');
const outputFile = '.cache/test-results.json';
rmSync(outputFile, { force: true });
// Two workers even on two cores: many tests wait for containers. And a worker that hangs at the end is ended by jest.
const jest = [
  '--selectProjects',
  'unit',
  'integration',
  '--maxWorkers=2',
  '--json',
  `--outputFile=${outputFile}`,
];
const isGreen = succeeds('jest', [...jest, ...process.argv.slice(2)], '--experimental-vm-modules');
const results = existsSync(outputFile)
  ? (JSON.parse(readFileSync(outputFile, 'utf8')) as JestResults)
  : undefined;
const { passed, failed } = countResults(results, isGreen, failedSteps.length);
for (const step of failedSteps) console.log(`failed: npm run ${step}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Ctrl-C ends the step by itself (it goes to the whole group); what follows then must not start. */
function succeeds(command: string, args: readonly string[], nodeOptions = ''): boolean {
  const { status, signal } = spawnSync(command, args, {
    // jest --json prints its results on stdout even where they go to a file.
    stdio: ['ignore', command === 'jest' ? 'ignore' : 'inherit', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
  });
  if (signal !== null) process.exit(130);
  return status === 0;
}
