/** The output of `jest --json`, as far as it is used here. */
export interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Test files that failed before any of their tests ran. */
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * Counts the results of a run. Everything that went wrong counts as a failure: a failed test, a file that couldn't run, a step
 * before the tests, jest itself.
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
