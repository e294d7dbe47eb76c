import { type Backend, defineBackend } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';

/** TensorFlow.js' reference backend, in plain JavaScript: slow and right, the oracle of every numeric test. */
export const cpuBackend = defineBackend({
  id: 'backend/cpu',
  summary: 'Plain JavaScript: the reference, some hundred times slower than wasm.',
  options: z.strictObject({}),
  create: (): Backend => ({
    name: 'cpu',
    rank: 0,
    probe: async () => ({ available: true, device: 'JavaScript, 1 thread', version: tf.version_core }),
    activate: async () => {
      // It registers itself on import, so it is imported here: importing a plugin changes nothing.
      await import('@tensorflow/tfjs-backend-cpu');
      // Its first write would print a banner that advertises another backend.
      (tf.findBackend('cpu') as { firstUse?: boolean }).firstUse = false;
      await tf.setBackend('cpu');
    },
  }),
});
