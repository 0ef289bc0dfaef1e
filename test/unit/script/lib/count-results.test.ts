import { countResults } from '../../../../script/lib/count-results.ts';

const green = { numPassedTests: 7, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };

describe('countResults', () => {
  it.each([
    ['all is well', green, true, 0, { passed: 7, failed: 0 }],
    ['a test failed', { ...green, numFailedTests: 2 }, false, 0, { passed: 7, failed: 2 }],
    [
      "a test file couldn't run",
      { ...green, numRuntimeErrorTestSuites: 1 },
      false,
      0,
      { passed: 7, failed: 1 },
    ],
    ['lint failed', green, true, 1, { passed: 7, failed: 1 }],
    ['jest failed after its tests', green, false, 0, { passed: 7, failed: 1 }],
    ['jest wrote nothing', undefined, false, 0, { passed: 0, failed: 1 }],
  ])('%s', (_name, results, isGreen, failedSteps, expected) => {
    expect(countResults(results, isGreen, failedSteps)).toEqual(expected);
  });
});
