import { availableParallelism } from 'node:os';
import { type Backend, type BackendReport, HasteError, defineBackend } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';
import { mendBackend } from './mend.js';
import { simdSupported } from './simd/instance.js';
import { registerSharedBackend } from './threads/shared-backend.js';

const options = z.strictObject({
  threads: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Threads that work at once; by default as many as there are processors, at most 8. Changes no result.'),
});

/** TensorFlow.js' WebAssembly backend with kernels for training: the embedded default, needing nothing but npm. */
export const wasmBackend = defineBackend({
  id: 'backend/wasm',
  summary: 'WebAssembly with SIMD and kernels for training: the default where no native backend is installed.',
  options,
  create: ({ threads = Math.min(8, availableParallelism()) }): Backend => ({
    name: 'wasm',
    rank: 10,
    probe: () => probe(threads),
    activate: () => activate(threads),
  }),
});

async function probe(threads: number): Promise<BackendReport> {
  const device = `WebAssembly SIMD, ${threads} thread${threads === 1 ? '' : 's'}`;
  if (simdSupported()) return { available: true, device, version: tf.version_core };
  return {
    available: false,
    device,
    version: tf.version_core,
    reason: 'This processor or this build of Node has no WebAssembly SIMD.',
    fix: 'Use an official build of Node 20 or later on x86-64 (SSE4.1) or ARM64.',
  };
}

async function activate(threads: number): Promise<void> {
  // It registers itself on import, so it is imported here: importing a plugin changes nothing.
  await import('@tensorflow/tfjs-backend-wasm');
  if (threads > 1) await registerSharedBackend();
  if (!simdSupported() || !(await tf.setBackend('wasm'))) {
    const { reason, fix } = await probe(threads);
    throw new HasteError('BACKEND_UNAVAILABLE', {
      what: reason ?? 'The WebAssembly backend did not start.',
      where: 'backend/wasm',
      fix: fix ?? 'Install the dependencies again (npm install): its .wasm files may be missing.',
    });
  }
  await mendBackend(threads);
}
