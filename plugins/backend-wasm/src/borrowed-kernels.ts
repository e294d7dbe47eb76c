import { type TensorInfo, tf } from '@hastejs/tensor';
import type { WasmBackend } from './heap.js';

/** Kernels that the wasm backend lacks and gradients need. Each was held against finite differences. */
const BORROWED = [
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'UnsortedSegmentSum',
  'Einsum',
] as const;

interface CpuBackend {
  write(values: unknown, shape: readonly number[], dtype: string): object;
  readSync(dataId: object): Float32Array;
  disposeData(dataId: object): boolean;
}

type StoringBackend = WasmBackend & { write(values: unknown, shape: readonly number[], dtype: string): object };

/** Registers kernels of the cpu backend for wasm: copy in, run, copy out. */
export async function borrowKernels(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  const cpu = tf.findBackend('cpu') as unknown as CpuBackend & { firstUse?: boolean };
  // Its first write would print a banner that advertises another backend.
  cpu.firstUse = false;
  for (const kernelName of BORROWED) {
    if (tf.getKernel(kernelName, 'wasm')) continue;
    const { kernelFunc } = tf.getKernel(kernelName, 'cpu')!;
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs, backend }) => {
        const wasm = backend as StoringBackend;
        const copies = Object.entries(inputs as Record<string, TensorInfo>).map(([name, { dataId, shape, dtype }]) => {
          return [name, { dataId: cpu.write(wasm.readSync(dataId), shape, dtype), shape, dtype }] as const;
        });
        // Einsum takes a list, the others take names.
        const named = Array.isArray(inputs) ? copies.map(([, copy]) => copy) : Object.fromEntries(copies);
        const result = kernelFunc({ inputs: named as never, attrs: attrs!, backend: cpu }) as TensorInfo;
        for (const [, copy] of copies) cpu.disposeData(copy.dataId);
        const { dataId, shape, dtype } = result;
        const output = { dataId: wasm.write(cpu.readSync(dataId), shape, dtype), shape, dtype };
        cpu.disposeData(dataId);
        return output;
      },
    });
  }
}
