import { type TensorInfo, tf } from '@hastejs/tensor';
import type { Torch } from '../torch.js';

/** A kernel: inputs by name (or a list), attributes, one output or several. */
export type Kernel = (
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kernel of TensorFlow.js has types of its own
  inputs: any,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  attrs: any,
) => TensorInfo | TensorInfo[];

/** Kernels by name, made for one libtorch. A kernel whose operator this libtorch lacks is left out. */
export type KernelSet = (torch: Torch) => Readonly<Record<string, Kernel>>;

export function registerKernels(backendName: string, torch: Torch, sets: readonly KernelSet[]): void {
  for (const set of sets) {
    for (const [kernelName, kernel] of Object.entries(set(torch))) {
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: ({ inputs, attrs }) => kernel(inputs, attrs),
      });
    }
  }
}
