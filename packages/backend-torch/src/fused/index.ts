import type { KernelSet } from '../kernels/register.js';

/** Kernels of kernel-contracts.ts in @hastejs/tensor: hot composites as one operator. */
export const fusedKernels: readonly KernelSet[] = [];
