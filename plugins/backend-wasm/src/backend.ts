import { type Backend, HasteError, defineBackend } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';

/** TensorFlow.js' WebAssembly backend: the embedded default, needing nothing but npm. */
export const wasmBackend = defineBackend({
  id: 'backend/wasm',
  summary: 'WebAssembly with SIMD, mended for training: the default where no native backend is installed.',
  options: z.strictObject({}),
  create: (): Backend => ({
    name: 'wasm',
    rank: 10,
    probe: async () => ({ available: true, device: 'WebAssembly SIMD, 1 thread', version: tf.version_core }),
    activate: async () => {
      await import('@tensorflow/tfjs-backend-wasm');
      if (await tf.setBackend('wasm')) return;
      throw new HasteError('BACKEND_UNAVAILABLE', { what: 'The WebAssembly backend did not start.' });
    },
  }),
});
