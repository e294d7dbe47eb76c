// One last line that a script can read without knowing Jest.
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = results;
    const broken = results.testResults.filter((suite) => suite.testExecError).length;
    process.stdout.write(`\nTests: ${passed} passed, ${failed + broken} failed, ${skipped} skipped\n`);
  }
};
