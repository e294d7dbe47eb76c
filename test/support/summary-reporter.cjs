const { relative } = require('node:path');

/** So many skipped tests are named; on a machine without a backend there are hundreds, and they say why by the same words. */
const NAMED = 50;

// What was skipped, by name, since Jest says only how much; and one last line that a script can read without knowing Jest.
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, testResults } = results;
    const broken = testResults.filter((suite) => suite.testExecError).length;
    const names = testResults.flatMap(({ testFilePath, testResults: tests }) =>
      tests
        .filter(({ status }) => status === 'pending')
        .map(({ fullName }) => `  ${relative(process.cwd(), testFilePath)}: ${fullName}`),
    );
    const lines = [
      ...(names.length > 0 ? ['Skipped:'] : []),
      ...names.slice(0, NAMED),
      ...(names.length > NAMED ? [`  and ${names.length - NAMED} more`] : []),
      `Tests: ${passed} passed, ${failed + broken} failed, ${skipped} skipped`,
    ];
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }
};
