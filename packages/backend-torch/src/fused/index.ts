import type { KernelSet } from '../kernels/register.js';
import { alignmentKernels, embeddingKernels } from './alignment.js';
import { attentionKernels } from './attention.js';
import { linearKernels } from './linear.js';
import { optimizerKernels } from './optimizer.js';
import { type MatmulPrecision, chooseProduct } from './products.js';
import { activationKernels, gatedAddKernels, layerNormKernels, modulateKernels } from './rows.js';

/** Kernels of kernel-contracts.ts in @hastejs/tensor: hot composites as one operator. */
export const fusedKernels = (matmul: MatmulPrecision): readonly KernelSet[] => [
  (torch) => linearKernels(chooseProduct(torch, matmul))(torch),
  layerNormKernels,
  modulateKernels,
  gatedAddKernels,
  activationKernels,
  attentionKernels,
  alignmentKernels,
  embeddingKernels,
  optimizerKernels,
];
