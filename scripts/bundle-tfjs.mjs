// TensorFlow.js ships its gradients and chained ops only as extensionless ES modules, which Node cannot load.
// They register themselves in a process-wide table, so one bundled copy serves the CommonJS core that Node does load.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const outfile = fileURLToPath(new URL('../packages/tensor/dist/tfjs-gradients.cjs', import.meta.url));

export async function bundleTfjsGradients() {
  if (existsSync(outfile)) return;
  const { build } = await import('esbuild');
  await build({
    stdin: {
      contents: [
        "import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';",
        "import '@tensorflow/tfjs-core/dist/register_all_gradients.js';",
      ].join('\n'),
      resolveDir: fileURLToPath(new URL('../packages/tensor', import.meta.url)),
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    legalComments: 'inline',
    // tfjs-core's sideEffects list would drop the registrations in silence.
    ignoreAnnotations: true,
  });
}
