import type { KernelSet } from './register.js';

/** TensorFlow.js' own kernels. */
export const kernels: readonly KernelSet[] = [];
