import { type Backend, type BackendReport, defineBackend } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';
import { checkedKernel } from './checked-kernel.js';

const NAME = 'template-id';

const options = z.strictObject({
  infinite: z.boolean().default(true).describe('Whether infinite numbers count as wrong, too, and not only NaN.'),
});

/**
 * TensorFlow.js' cpu backend, which looks at everything it computes and stops at the first kernel whose output is not
 * finite while its inputs are: for runs that end in NaN, and nobody knows where it comes from. About as slow as `backend/cpu`.
 */
export const templateExport = defineBackend({
  id: 'backend/template-id',
  summary: 'The cpu backend, which stops at the first kernel that gives NaN.',
  options,
  create: ({ infinite }): Backend => ({
    name: NAME,
    // Below every other: it is used when a recipe names it.
    rank: -1,
    probe: (): Promise<BackendReport> =>
      Promise.resolve({ available: true, device: 'JavaScript, 1 thread, checked', version: tf.version_core }),
    activate: () => activate(infinite),
  }),
});

async function activate(infinite: boolean): Promise<void> {
  // It registers itself on import, so it is imported here: importing a plugin changes nothing.
  const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');
  if (!tf.findBackendFactory(NAME)) {
    for (const kernel of tf.getKernelsForBackend('cpu')) tf.registerKernel(checkedKernel(kernel, NAME, infinite));
    tf.registerBackend(NAME, () => {
      const backend = new MathBackendCPU();
      // Its first write would print a banner that advertises another backend.
      (backend as unknown as { firstUse: boolean }).firstUse = false;
      return backend;
    });
  }
  await tf.setBackend(NAME);
}
