import { type HasteKernel, type HasteKernelName, type TensorInfo, tf } from '@hastejs/tensor';
import type { Heap } from '../heap.js';

/** Kernels for Haste's own ops (@hastejs/tensor, kernel-contracts). */
export type HasteTable = { readonly [N in HasteKernelName]?: HasteKernel<N> };

type Inputs = Readonly<Record<string, TensorInfo>>;
/** Instead of a stock kernel; undefined leaves the case to the stock one. */
export type Replacement<Attrs = never> = (inputs: Inputs, attrs: Attrs) => TensorInfo | TensorInfo[] | undefined;

export function registerKernels(heap: Heap, table: HasteTable): void {
  for (const [kernelName, kernel] of Object.entries(table)) {
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => heap.run(() => kernel(inputs as never, attrs as never)),
    });
  }
}

export function replaceKernels(heap: Heap, table: Readonly<Record<string, Replacement>>): void {
  for (const [kernelName, replacement] of Object.entries(table)) {
    const stock = tf.getKernel(kernelName, 'wasm')!;
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      ...stock,
      kernelFunc: (args) =>
        heap.run(() => replacement(args.inputs as Inputs, args.attrs as never)) ?? stock.kernelFunc(args),
    });
  }
}
