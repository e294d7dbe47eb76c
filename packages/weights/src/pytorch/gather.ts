import type { HostData, HostTensor } from '@hastejs/tensor';
import type { ElementType } from './element-types.js';
import { sizeOf } from './stored-tensor.js';
import type { StoredTensor } from './values.js';

/**
 * A tensor, dense and of its own memory.
 * @param buffer what the tensor's span covers of its storage; it belongs to the tensor from then on.
 */
export function gather(tensor: StoredTensor, buffer: ArrayBuffer): HostTensor {
  const { type, shape } = tensor;
  const elements = elementsOf(type, buffer);
  return { dtype: type.dtype, shape, data: isDense(tensor) ? elements : inOrder(tensor, elements) };
}

/** In memory in the order of its shape, as almost every weight is. */
function isDense({ shape, strides }: StoredTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

function inOrder({ shape, strides }: StoredTensor, elements: HostData): HostData {
  const data = new (elements.constructor as new (size: number) => HostData)(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  for (let at = 0, from = 0; at < data.length; at++) {
    data[at] = elements[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return data;
}

function elementsOf({ stored }: ElementType, buffer: ArrayBuffer): HostData {
  switch (stored) {
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return Float32Array.from(new Float64Array(buffer));
    case 'f2':
    case 'bf2':
      return new Uint16Array(buffer);
    case 'i8':
      return new BigInt64Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'i2':
      return Int32Array.from(new Int16Array(buffer));
    case 'i1':
      return Int32Array.from(new Int8Array(buffer));
    case 'u1':
    case 'b1':
      return new Uint8Array(buffer);
  }
}
