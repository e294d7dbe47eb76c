import { type Backend, type BackendReport, HasteError, defineBackend } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';
import { mendBackend } from './mend.js';
import { simdSupported } from './simd/instance.js';

/** TensorFlow.js' WebAssembly backend with kernels for training: the embedded default, needing nothing but npm. */
export const wasmBackend = defineBackend({
  id: 'backend/wasm',
  summary: 'WebAssembly with SIMD and kernels for training: the default where no native backend is installed.',
  options: z.strictObject({}),
  create: (): Backend => ({ name: 'wasm', rank: 10, probe, activate }),
});

async function probe(): Promise<BackendReport> {
  const report = { device: 'WebAssembly SIMD, 1 thread', version: tf.version_core };
  if (simdSupported()) return { ...report, available: true };
  return {
    ...report,
    available: false,
    reason: 'This processor or this build of Node has no WebAssembly SIMD.',
    fix: 'Use an official build of Node 20 or later on x86-64 (SSE4.1) or ARM64.',
  };
}

async function activate(): Promise<void> {
  // It registers itself on import, so it is imported here: importing a plugin changes nothing.
  await import('@tensorflow/tfjs-backend-wasm');
  if (!simdSupported() || !(await tf.setBackend('wasm'))) {
    const { reason, fix } = await probe();
    throw new HasteError('BACKEND_UNAVAILABLE', {
      what: reason ?? 'The WebAssembly backend did not start.',
      where: 'backend/wasm',
      fix: fix ?? 'Install the dependencies again (npm install): its .wasm files may be missing.',
    });
  }
  await mendBackend();
}
