// TensorFlow.js' op tests are published as extensionless ES modules, which Node cannot load: one bundle makes them a program.
// The bundle has a TensorFlow.js of its own; engine, kernels and gradients are process-wide tables, so it tests the backend
// that was activated outside of it, in the files that are shipped.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Bundles the suite, once. @returns {Promise<string>} path of a CommonJS module that exports `setTestEnvs` and `load`. */
export async function bundleSuite() {
  const outfile = `${FOLDER}dist/suite.cjs`;
  if (existsSync(outfile)) return outfile;
  const { build } = await import('esbuild');
  await build({
    stdin: {
      contents: [
        "import '@tensorflow/tfjs-core/dist/index.js';",
        "import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';",
        "import '@tensorflow/tfjs-core/dist/register_all_gradients.js';",
        "export { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';",
        // The files declare their specs when they are run, and must find the environments set by then.
        "export const load = () => require('@tensorflow/tfjs-core/dist/tests.js');",
      ].join('\n'),
      resolveDir: FOLDER,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['jasmine-core'],
    // tfjs-core's sideEffects list would drop every test in silence.
    ignoreAnnotations: true,
    logLevel: 'error',
  });
  return outfile;
}
