/** What `jest --json` writes, as far as it is read here. */
export interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that broke before a test of theirs ran. */
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * Sums up a run. Whatever went wrong counts as a failure: a failed test, a file that couldn't run, a step before the tests,
 * jest itself.
 */
export function countResults(
  results: JestResults | undefined,
  isGreen: boolean,
  failedSteps: number,
): { passed: number; failed: number } {
  const failedTests = (results?.numFailedTests ?? 0) + (results?.numRuntimeErrorTestSuites ?? 0);
  const failedJest = failedTests === 0 && (!isGreen || results === undefined) ? 1 : 0;
  return { passed: results?.numPassedTests ?? 0, failed: failedTests + failedJest + failedSteps };
}
