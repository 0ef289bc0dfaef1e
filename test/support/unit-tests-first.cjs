const { default: Sequencer } = require('@jest/test-sequencer');

/** Unit tests have deadlines of milliseconds: they run before the containers of the integration tests keep the machine busy. */
module.exports = class UnitTestsFirst extends Sequencer {
  sort(tests) {
    const isUnit = (test) => test.context.config.displayName?.name === 'unit';
    const longestFirst = super.sort(tests);
    return [...longestFirst.filter(isUnit), ...longestFirst.filter((test) => !isUnit(test))];
  }
};
