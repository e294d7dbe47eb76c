import { type TensorInfo, tf } from '@hastejs/tensor';
import { BACKEND_NAME } from '../load.js';

/** Kernels of numbers that tfjs-node never got, by the op that needs each. Strings, ragged and sparse tensors stay out. */
const BORROWED = {
  BitwiseAnd: 'tf.bitwiseAnd',
  DenseBincount: 'tf.bincount, tf.denseBincount',
  MaxPoolWithArgmax: 'tf.maxPoolWithArgmax',
  RotateWithOffset: 'tf.image.rotateWithOffset',
  SearchSorted: 'tf.searchSorted, tf.lowerBound, tf.upperBound',
  Transform: 'tf.image.transform',
} as const;

interface Storage {
  write(values: unknown, shape: readonly number[], dtype: string): object;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  disposeData(dataId: object): boolean;
}

/**
 * Registers kernels of the cpu backend, which comes with tfjs-node, for this one: copy in, run, copy out. A tensor's data
 * crosses between TensorFlow and JavaScript twice, so they are for what happens once a batch, not once a layer.
 */
export function borrowKernels(): void {
  for (const kernelName of Object.keys(BORROWED)) {
    if (tf.getKernel(kernelName, BACKEND_NAME)) continue;
    const { kernelFunc } = tf.getKernel(kernelName, 'cpu')!;
    tf.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const cpu = cpuStorage();
        const home = backend as Storage;
        const copies = Object.entries(inputs as Record<string, TensorInfo>).map(
          ([name, tensor]) => [name, copy(tensor, home, cpu)] as const,
        );
        const results = [kernelFunc({ inputs: Object.fromEntries(copies), attrs: attrs!, backend: cpu })].flat();
        const outputs = results.map((result) => copy(result, cpu, home));
        for (const { dataId } of [...copies.map(([, each]) => each), ...results]) cpu.disposeData(dataId);
        return outputs.length === 1 ? outputs[0]! : outputs;
      },
    });
  }
}

function copy({ dataId, shape, dtype }: TensorInfo, from: Storage, to: Storage): TensorInfo {
  return { dataId: to.write(from.readSync(dataId), shape, dtype), shape, dtype };
}

function cpuStorage(): Storage {
  const cpu = tf.findBackend('cpu') as unknown as Storage & { firstUse?: boolean };
  // Its first write would print a banner that advertises the very backend that is running.
  cpu.firstUse = false;
  return cpu;
}
