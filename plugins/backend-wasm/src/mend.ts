import { tf } from '@hastejs/tensor';
import { borrowKernels } from './borrowed-kernels.js';
import { Heap, type WasmBackend } from './heap.js';
import { attentionCrossEntropyKernels, attentionKernels } from './kernels/attention.js';
import { concat, identity, sliceKernel, split } from './kernels/copies.js';
import { linearKernels } from './kernels/linear.js';
import { batchMatMul } from './kernels/matmul.js';
import { optimizerKernels } from './kernels/optimizer.js';
import { registerKernels, replaceKernels } from './kernels/register.js';
import { activationKernels, layerNormKernels, rowKernels } from './kernels/rows.js';
import { sum } from './kernels/sum.js';
import { guardMemory } from './memory-guard.js';

const mended = new WeakSet<object>();

/** Makes the active wasm backend fit for training. Once a backend instance. */
export async function mendBackend(threads: number): Promise<void> {
  const backend = tf.backend() as unknown as WasmBackend;
  if (mended.has(backend)) return;
  mended.add(backend);
  guardMemory(backend);
  await borrowKernels();
  const heap = new Heap(backend, threads);
  replaceKernels(heap, {
    BatchMatMul: batchMatMul(heap),
    Sum: sum(heap),
    Identity: identity(heap),
    Slice: sliceKernel(heap),
    SplitV: split(heap),
    Concat: concat(heap),
  });
  for (const kernels of [linearKernels, rowKernels, layerNormKernels, activationKernels]) {
    registerKernels(heap, kernels(heap));
  }
  for (const kernels of [attentionKernels, attentionCrossEntropyKernels, optimizerKernels]) {
    registerKernels(heap, kernels(heap));
  }
}
