import type { HasteKernelName, HasteKernels } from './kernel-contracts.js';
import { type Tensor, tf } from './tf.js';

/** Whether the active backend brought a kernel of this name. */
export function hasKernel(name: HasteKernelName): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** What a kernel takes, as tensors: one for each name, or a list where its contract has a list. */
type InputTensors<Inputs> = {
  readonly [K in keyof Inputs]: Inputs[K] extends readonly unknown[] ? readonly Tensor[] : Tensor;
};

/** Runs a kernel of the active backend. Its outputs are in the order of its contract. */
export function runKernel<N extends HasteKernelName>(
  name: N,
  inputs: InputTensors<HasteKernels[N]['inputs']>,
  attrs: HasteKernels[N]['attrs'],
): Tensor[] {
  return [tf.engine().runKernel(name, inputs as never, attrs as never)].flat() as Tensor[];
}
