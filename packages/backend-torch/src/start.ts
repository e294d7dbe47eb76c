import { tf } from '@hastejs/tensor';
import type { Addon } from './addon.js';
import { fusedKernels } from './fused/index.js';
import { kernels } from './kernels/index.js';
import { registerKernels } from './kernels/register.js';
import { Torch } from './torch.js';
import { TorchBackend } from './torch-backend.js';

export const BACKEND_NAME = 'torch';

export interface TorchOptions {
  /** `cpu`, `cuda:0`, …; by default the best there is. */
  readonly device?: string | undefined;
  /** Threads of an operator on the CPU; by default what libtorch chooses. */
  readonly threads?: number | undefined;
}

let current: { addon: Addon; torch: Torch } | null = null;

/** Registers the backend and its kernels and makes it TensorFlow.js' current one. Again with the same options: harmless. */
export async function start(addon: Addon, { device = addon.devices().at(-1)!, threads }: TorchOptions): Promise<Torch> {
  if (threads !== undefined) addon.threads(threads);
  if (current?.addon !== addon || current.torch.device !== device) {
    if (current) tf.removeBackend(BACKEND_NAME);
    current = { addon, torch: register(new Torch(addon, device)) };
  }
  await tf.setBackend(BACKEND_NAME);
  return current.torch;
}

function register(torch: Torch): Torch {
  const backend = new TorchBackend(torch);
  torch.adopt = (dataId) => tf.engine().moveData(backend, dataId);
  for (const { kernelName } of tf.getKernelsForBackend(BACKEND_NAME)) tf.unregisterKernel(kernelName, BACKEND_NAME);
  registerKernels(BACKEND_NAME, torch, [...kernels, ...fusedKernels]);
  // A factory that gives an instance at once, so that the backend can be set without waiting.
  tf.registerBackend(BACKEND_NAME, () => backend, 30);
  return torch;
}
