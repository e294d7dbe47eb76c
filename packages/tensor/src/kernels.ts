import type { HasteKernelName, HasteKernels } from './kernel-contracts.js';
import { type Tensor, tf } from './tf.js';

/** Whether the active backend brought a kernel of this name. */
export function hasKernel(name: HasteKernelName): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs a kernel of the active backend. Its outputs are in the order of its contract. */
export function runKernel<N extends HasteKernelName>(
  name: N,
  inputs: Readonly<Record<keyof HasteKernels[N]['inputs'], Tensor>>,
  attrs: HasteKernels[N]['attrs'],
): Tensor[] {
  return [tf.engine().runKernel(name, inputs as never, attrs as never)].flat() as Tensor[];
}
