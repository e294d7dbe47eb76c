import type { TensorInfo } from '@hastejs/tensor';
import { borrow } from './borrowed.js';
import type { KernelSet } from './register.js';

/** Kernels that TensorFlow.js also offers on tensors of strings, each with the input that tells. */
const ON_STRINGS: Readonly<Record<string, string>> = {
  Concat: '0',
  Equal: 'a',
  ExpandDims: 'input',
  GatherNd: 'params',
  GatherV2: 'x',
  Greater: 'a',
  GreaterEqual: 'a',
  Less: 'a',
  LessEqual: 'a',
  NotEqual: 'a',
  Pack: '0',
  PadV2: 'x',
  Reshape: 'x',
  Reverse: 'x',
  ScatterNd: 'updates',
  Slice: 'x',
  SplitV: 'x',
  StridedSlice: 'x',
  TensorScatterUpdate: 'tensor',
  Tile: 'x',
  Transpose: 'x',
  Unpack: 'value',
};

/** The same kernels, where strings go to the kernel of the cpu backend. Costs a look at the dtype of one input. */
export function withStrings(set: KernelSet): KernelSet {
  return (torch) => {
    const kernels = set(torch);
    const entries = Object.entries(kernels).map(([name, kernel]) => {
      const input = ON_STRINGS[name];
      if (input === undefined) return [name, kernel] as const;
      const onStrings = borrow(torch, name);
      const either: typeof kernel = (inputs: Readonly<Record<string, TensorInfo>>, attrs) =>
        inputs[input]!.dtype === 'string' ? onStrings(inputs, attrs) : kernel(inputs, attrs);
      return [name, either] as const;
    });
    return Object.fromEntries(entries);
  };
}
