import type { Params } from '../params.js';
import { type Tensor, tf } from '../tf.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.js';

/** Element types of the format that Haste reads and writes. */
export type SafetensorsDtype = 'F32' | 'F16' | 'BF16' | 'I32' | 'I64' | 'U8' | 'BOOL';

export type HostData = Float32Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor in host memory. F16 and BF16 are kept as their bits; BOOL as bytes of 0 and 1. */
export interface HostTensor {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: HostData;
}

export const DTYPES: Readonly<
  Record<SafetensorsDtype, { readonly bytes: number; view(buffer: ArrayBuffer): HostData; readonly array: string }>
> = {
  F32: { bytes: 4, view: (buffer) => new Float32Array(buffer), array: 'Float32Array' },
  F16: { bytes: 2, view: (buffer) => new Uint16Array(buffer), array: 'Uint16Array' },
  BF16: { bytes: 2, view: (buffer) => new Uint16Array(buffer), array: 'Uint16Array' },
  I32: { bytes: 4, view: (buffer) => new Int32Array(buffer), array: 'Int32Array' },
  I64: { bytes: 8, view: (buffer) => new BigInt64Array(buffer), array: 'BigInt64Array' },
  U8: { bytes: 1, view: (buffer) => new Uint8Array(buffer), array: 'Uint8Array' },
  BOOL: { bytes: 1, view: (buffer) => new Uint8Array(buffer), array: 'Uint8Array' },
};

/** Downloads parameters: float32 as F32, int32 as I32, bool as BOOL. Names stay. */
export async function paramsToHost(params: Params): Promise<Record<string, HostTensor>> {
  const host: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(params)) host[name] = await tensorToHost(name, tensor);
  return host;
}

async function tensorToHost(name: string, tensor: Tensor): Promise<HostTensor> {
  const dtype = ({ float32: 'F32', int32: 'I32', bool: 'BOOL' } as const)[tensor.dtype as 'float32'];
  if (!dtype) throw new Error(`'${name}' is ${tensor.dtype}; only float32, int32 and bool tensors can be saved.`);
  return { dtype, shape: [...tensor.shape], data: (await tensor.data()) as HostData };
}

/** The elements of a tensor of floats as float32; those of F32 are shared. @throws Error for other element types. */
export function hostFloats({ dtype, data }: HostTensor): Float32Array {
  switch (dtype) {
    case 'F32':
      return data as Float32Array;
    case 'F16':
      return float16ToFloat32(data as Uint16Array);
    case 'BF16':
      return bfloat16ToFloat32(data as Uint16Array);
    default:
      throw new Error(`A tensor of ${dtype} holds no floats.`);
  }
}

/** Uploads: floats of any width become float32, I32, I64 and U8 become int32, BOOL becomes bool. The caller owns the tensors. */
export function paramsFromHost(tensors: Readonly<Record<string, HostTensor>>): Params {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensorFromHost(tensor)]));
}

function tensorFromHost(tensor: HostTensor): Tensor {
  const { dtype, shape, data } = tensor;
  const dims = [...shape];
  switch (dtype) {
    case 'F32':
    case 'F16':
    case 'BF16':
      return tf.tensor(hostFloats(tensor), dims, 'float32');
    case 'I32':
      return tf.tensor(data as Int32Array, dims, 'int32');
    case 'I64':
      return tf.tensor(Int32Array.from(data as BigInt64Array, Number), dims, 'int32');
    case 'U8':
      return tf.tensor(Int32Array.from(data as Uint8Array), dims, 'int32');
    case 'BOOL':
      return tf.tensor(data as Uint8Array, dims, 'bool');
  }
}
