import type { KernelSet } from '../kernels/register.js';
import { alignmentKernels, embeddingKernels } from './alignment.js';
import { attentionKernelsDevice } from './attention-device.js';
import { attentionKernels, queryKeyKernels } from './attention.js';
import { linearKernels } from './linear.js';
import { optimizerKernelsAten } from './optimizer-aten.js';
import { optimizerKernels, scaleKernels } from './optimizer.js';
import { type MatmulPrecision, chooseProduct } from './products.js';
import { embeddingKernelsAten, gatedAddKernelsAten, geluKernelsAten, modulateKernelsAten } from './rows-aten.js';
import { gatedAddKernels, geluKernels, layerNormKernels, modulateKernels, siluKernels } from './rows.js';

/**
 * Kernels of kernel-contracts.ts in @hastejs/tensor: hot composites as one operator. On the CPU mostly the addon's own
 * (native/), elsewhere libtorch's.
 */
export function fusedKernels(matmul: MatmulPrecision): readonly KernelSet[] {
  return [
    (torch) => linearKernels(chooseProduct(torch, matmul))(torch),
    layerNormKernels,
    siluKernels,
    scaleKernels,
    queryKeyKernels,
    (torch) =>
      (torch.device === 'cpu' ? onCpu(matmul) : onAccelerator).reduce((all, set) => ({ ...all, ...set(torch) }), {}),
  ];
}

const onCpu = (matmul: MatmulPrecision): readonly KernelSet[] => [
  modulateKernels,
  gatedAddKernels,
  geluKernels,
  (torch) => attentionKernels(chooseProduct(torch, matmul))(torch),
  alignmentKernels,
  embeddingKernels,
  optimizerKernels,
];

/** The alignment losses run as compositions there. */
export const onAccelerator: readonly KernelSet[] = [
  modulateKernelsAten,
  gatedAddKernelsAten,
  geluKernelsAten,
  attentionKernelsDevice,
  embeddingKernelsAten,
  optimizerKernelsAten,
];
