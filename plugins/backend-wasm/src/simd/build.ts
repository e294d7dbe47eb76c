import { defineActivations } from './kernels/activations.js';
import { defineAttentionCrossEntropy, defineAttentionCrossEntropyGrad } from './kernels/attention-cross-entropy.js';
import { defineAttention, defineAttentionGrad } from './kernels/attention.js';
import { defineCopy } from './kernels/copy.js';
import { defineGemm } from './kernels/gemm.js';
import { defineLayerNorm, defineLayerNormGrad } from './kernels/layer-norm.js';
import { defineMatmul } from './kernels/matmul.js';
import { defineOptimizer } from './kernels/optimizer.js';
import { defineRows } from './kernels/rows.js';
import { defineTranspose } from './kernels/transpose.js';
import { ModuleBuilder } from './module.js';

/** Writes all kernels into one WebAssembly binary: some 50 ms at start-up, and nothing to build or ship beforehand. */
export function buildKernels(memory: 'own' | 'shared'): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const matrices = { transpose: defineTranspose(module), ...defineGemm(module) };
  defineMatmul(module, { ...matrices, packPanels: defineCopy(module) });
  defineActivations(module);
  defineRows(module);
  defineLayerNorm(module);
  defineLayerNormGrad(module);
  defineAttention(module, matrices);
  defineAttentionGrad(module, matrices);
  defineAttentionCrossEntropy(module, matrices);
  defineAttentionCrossEntropyGrad(module, matrices);
  defineOptimizer(module);
  return module.assemble(memory);
}
