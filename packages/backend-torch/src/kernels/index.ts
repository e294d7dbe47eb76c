import { assembleKernels } from './assemble.js';
import { binaryKernels } from './binary.js';
import { blockKernels } from './blocks.js';
import { borrowedKernels } from './borrowed.js';
import { castKernels } from './cast.js';
import { complexKernels } from './complex.js';
import { convKernels } from './conv.js';
import { createKernels } from './create.js';
import { gatherKernels } from './gather.js';
import { matmulKernels } from './matmul.js';
import { normalizeKernels } from './normalize.js';
import { orderKernels } from './order.js';
import { poolKernels } from './pool.js';
import { reductionKernels } from './reductions.js';
import type { KernelSet } from './register.js';
import { resizeKernels } from './resize.js';
import { scatterKernels } from './scatter.js';
import { withStrings } from './strings.js';
import { unaryKernels } from './unary.js';
import { viewKernels } from './views.js';

/** TensorFlow.js' own kernels. */
export const kernels: readonly KernelSet[] = [
  unaryKernels,
  withStrings(binaryKernels),
  reductionKernels,
  matmulKernels,
  normalizeKernels,
  castKernels,
  withStrings(viewKernels),
  withStrings(assembleKernels),
  blockKernels,
  createKernels,
  withStrings(gatherKernels),
  withStrings(scatterKernels),
  orderKernels,
  convKernels,
  poolKernels,
  resizeKernels,
  complexKernels,
  borrowedKernels,
];
