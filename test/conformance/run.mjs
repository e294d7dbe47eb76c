// npm run test:conformance -- [--backend cpu|wasm|tensorflow|torch] [--grep <regular expression>]
// TensorFlow.js' own op tests on one of our backends. Exit code 1: the results and exclusions.json disagree; 2: bad usage.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NAMES, activate } from './backends.mjs';
import { compare, percent } from './compare.mjs';
import { runSuite } from './suite.mjs';

const values = options();

const backend = await activate(values.backend);
const { device, version } = await backend.probe();
console.log(`${backend.name}: ${version} on ${device}`);

const start = performance.now();
const specs = await runSuite(backend.name, new RegExp(values.grep));
const seconds = ((performance.now() - start) / 1000).toFixed(1);

// We answer for torch. Of the backends that TensorFlow.js itself brings, the command just tells what they pass.
const lists = JSON.parse(readFileSync(new URL('exclusions.json', import.meta.url), 'utf8'));
const exclusions = lists[values.backend] ?? [];
const { passed, failed, excluded, pending, missing, share, faults } = compare(specs, exclusions, values.grep === '');
const kernels = Object.entries(missing).map(([kernel, count]) => `${kernel} (${count})`);
console.log(
  [
    `${specs.length} specs in ${seconds} s: ${passed.length} passed, ${failed.length} failed, ${excluded.length} excluded,`,
    `${pending} left out by the suite; ${percent(share)} of those whose kernels are registered passed.`,
  ].join(' '),
);
if (kernels.length > 0)
  console.log(`Kernels that are not registered, and the specs that need them: ${kernels.join(', ')}.`);
for (const fault of faults) console.log(`- ${fault}`);
// Threads of a backend would keep the process.
process.exit(faults.length > 0 ? 1 : 0);

/** What the command line says; ends the process when it makes no sense. */
function options() {
  try {
    const { values } = parseArgs({
      options: { backend: { type: 'string', default: 'torch' }, grep: { type: 'string', default: '' } },
    });
    if (!NAMES.includes(values.backend)) {
      throw new Error(`There is no backend ${values.backend}. Backends: ${NAMES.join(', ')}.`);
    }
    new RegExp(values.grep);
    return values;
  } catch (error) {
    console.error(
      `${error.message}\nUsage: npm run test:conformance -- [--backend <name>] [--grep <regular expression>]`,
    );
    process.exit(2);
  }
}
