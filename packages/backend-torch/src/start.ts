import { tf } from '@hastejs/tensor';
import type { Addon } from './addon.js';
import { fusedKernels } from './fused/index.js';
import type { MatmulPrecision } from './fused/products.js';
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
  /** How float32 products are computed. */
  readonly matmul?: MatmulPrecision | undefined;
  /** Whether a repeated step is one graph on a GPU. */
  readonly graphs?: boolean | undefined;
}

let current: Torch | null = null;

/** The libtorch that runs in this process, once one does. */
export function started(): Torch | null {
  return current;
}

/**
 * Registers the backend and its kernels and makes it TensorFlow.js' current one. Called again, it applies the options anew;
 * tensors stay as they are.
 * @throws Error for another device than the first time: TensorFlow.js' tensors would be spread over two.
 */
export async function start(addon: Addon, options: TorchOptions): Promise<Torch> {
  const { device = current?.device ?? addon.devices().at(-1)!, threads, matmul = 'high', graphs = false } = options;
  if (current && current.device !== device) {
    throw new Error(`The torch backend runs on ${current.device} in this process, and cannot move to ${device}.`);
  }
  if (threads !== undefined) addon.threads(threads);
  current ??= register(new Torch(addon, device));
  current.graphs = graphs;
  for (const { kernelName } of tf.getKernelsForBackend(BACKEND_NAME)) tf.unregisterKernel(kernelName, BACKEND_NAME);
  registerKernels(BACKEND_NAME, current, [...kernels, ...fusedKernels(matmul)]);
  await tf.setBackend(BACKEND_NAME);
  return current;
}

function register(torch: Torch): Torch {
  const backend = new TorchBackend(torch);
  torch.adopt = (dataId) => tf.engine().moveData(backend, dataId);
  // A factory that gives an instance at once, so that the backend can be set without waiting.
  tf.registerBackend(BACKEND_NAME, () => backend, 30);
  return torch;
}
