import { createRequire } from 'node:module';
import { type TensorInfo, tf } from '@hastejs/tensor';
import type { Torch } from '../torch.js';
import { BORROWED_KERNELS } from './borrowed-list.js';
import type { Kernel, KernelSet } from './register.js';

interface CpuBackend {
  firstUse: boolean;
  write(values: unknown, shape: readonly number[], dtype: string): object;
  readSync(dataId: object): unknown;
  disposeData(dataId: object): boolean;
}

type Inputs = TensorInfo | readonly Inputs[] | { readonly [name: string]: Inputs } | null | undefined;

/** Kernels of TensorFlow.js' cpu backend: copy in, run, copy out. Which ones, and why: borrowed-list.ts. */
export const borrowedKernels: KernelSet = (torch) =>
  Object.fromEntries(BORROWED_KERNELS.map((name) => [name, borrow(torch, name)]));

/** A kernel of the cpu backend on tensors of libtorch. */
export function borrow(torch: Torch, kernelName: string): Kernel {
  return (inputs: Inputs, attrs: object) => {
    const backend = cpuBackend();
    const copies: object[] = [];
    const copyIn = (tensor: TensorInfo): TensorInfo => {
      const dataId = backend.write(read(torch, tensor), tensor.shape, tensor.dtype);
      copies.push(dataId);
      // Some kernels of the cpu backend ask for the rank, which tensors have and their infos do not.
      return { dataId, shape: tensor.shape, dtype: tensor.dtype, rank: tensor.shape.length } as TensorInfo;
    };
    try {
      const { kernelFunc } = tf.getKernel(kernelName, 'cpu')!;
      const results = kernelFunc({ inputs: mapTensors(inputs, copyIn) as never, attrs: attrs as never, backend });
      const copyOut = (result: TensorInfo): TensorInfo => {
        copies.push(result.dataId);
        return write(torch, backend.readSync(result.dataId), result);
      };
      return Array.isArray(results) ? results.map(copyOut) : copyOut(results as TensorInfo);
    } finally {
      for (const dataId of copies) backend.disposeData(dataId);
    }
  };
}

/** Imported when the first borrowed kernel runs, which for most programs is never. */
function cpuBackend(): CpuBackend {
  let backend = tf.findBackend('cpu') as unknown as CpuBackend | null;
  if (!backend) {
    createRequire(import.meta.url)('@tensorflow/tfjs-backend-cpu');
    backend = tf.findBackend('cpu') as unknown as CpuBackend;
  }
  // Its first write would print a banner that advertises another backend.
  backend.firstUse = false;
  return backend;
}

function mapTensors(inputs: Inputs, f: (tensor: TensorInfo) => TensorInfo): Inputs {
  if (inputs === null || inputs === undefined) return inputs;
  if (Array.isArray(inputs)) return inputs.map((input) => mapTensors(input as Inputs, f));
  if ('dataId' in inputs) return f(inputs as TensorInfo);
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, mapTensors(input as Inputs, f)]));
}

function read(torch: Torch, { dataId, dtype }: TensorInfo): unknown {
  const data = torch.data({ dataId });
  if (data.strings) return data.strings;
  const bytes = torch.addon.read(data.handle);
  if (dtype === 'int32') return new Int32Array(bytes);
  return dtype === 'bool' ? new Uint8Array(bytes) : new Float32Array(bytes);
}

function write(torch: Torch, values: unknown, { shape, dtype }: TensorInfo): TensorInfo {
  if (dtype === 'string') return { dataId: torch.createStrings(values as string[]), shape, dtype };
  const Typed = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
  // Kernels of the cpu backend may leave plain or wider arrays behind a dtype.
  const typed = values instanceof Typed ? values : Typed.from(values as ArrayLike<number>);
  return { dataId: torch.create(typed, shape, dtype), shape, dtype };
}
