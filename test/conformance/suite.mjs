// Runs TensorFlow.js' op tests in this process, on a backend that is registered.
import { createRequire } from 'node:module';
import { bundleSuite } from './bundle.mjs';

const require = createRequire(import.meta.url);

/**
 * @typedef {{ name: string, status: 'passed' | 'failed' | 'pending', message: string }} Spec
 * @param {string} backend TensorFlow.js' name of a registered backend
 * @param {RegExp} grep which specs, by full name
 * @returns {Promise<Spec[]>} the specs that ran, or that the suite itself leaves out ('pending')
 */
export async function runSuite(backend, grep) {
  const path = await bundleSuite();
  const restore = silenceConsole();
  try {
    return await runSpecs(require(path), backend, grep);
  } finally {
    restore();
  }
}

async function runSpecs(suite, backend, grep) {
  const Jasmine = require('jasmine');
  const runner = new Jasmine();
  runner.exitOnCompletion = false;
  runner.clearReporters();
  suite.setTestEnvs([{ name: backend, backendName: backend, flags: {}, isDataSync: true }]);
  suite.load();
  // One list of exclusions serves every backend, so names go without that of the backend.
  const nameOf = (fullName) => fullName.replaceAll(` ${backend} {}`, '');
  runner.env.configure({ random: false, specFilter: (spec) => grep.test(nameOf(spec.getFullName())) });
  const specs = [];
  runner.env.addReporter({
    specDone({ fullName, status, failedExpectations }) {
      if (status === 'excluded') return;
      const message = failedExpectations.map((failure) => failure.message).join('; ');
      specs.push({ name: nameOf(fullName), status, message });
    },
  });
  await runner.execute();
  return specs;
}

/** The suite prints tables of its debug mode and warnings that it provokes. @returns {() => void} what undoes it */
function silenceConsole() {
  const { log, warn, info } = console;
  Object.assign(console, { log: () => {}, warn: () => {}, info: () => {} });
  return () => Object.assign(console, { log, warn, info });
}
