import { type TensorInfo, tf } from '@hastejs/tensor';
import { DTYPE } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { scoped } from './scope.js';

type DataType = TensorInfo['dtype'];

interface X {
  readonly x: TensorInfo;
}

/** Kernels that make tensors from numbers. */
export const createKernels: KernelSet = (torch) => {
  const full = torch.operator('aten::full');
  const zerosLike = torch.operator('aten::zeros_like');
  const onesLike = torch.operator('aten::ones_like');
  const linspace = torch.operator('aten::linspace');
  return {
    Fill: (_: unknown, { shape, value, dtype }: { shape: number[]; value: number | string; dtype?: DataType }) => {
      const type = dtype ?? tf.util.inferDtype(value);
      if (type === 'string') {
        // Encoded, as TensorFlow.js keeps strings.
        const strings = new Array<Uint8Array>(tf.util.sizeFromShape(shape)).fill(tf.util.encodeString(value as string));
        return { dataId: torch.createStrings(strings as unknown[] as string[]), shape, dtype: type };
      }
      // A whole number becomes an integer of libtorch, which takes Infinity and NaN for floats only.
      return torch.info(full(shape, Number(value), torch.dtypeCode(type), null, torch.device));
    },
    // Dense, whatever the strides of x are.
    ZerosLike: ({ x }: X) => torch.info(zerosLike(torch.handle(x))),
    OnesLike: ({ x }: X) => torch.info(onesLike(torch.handle(x))),
    LinSpace: (_: unknown, { start, stop, num }: { start: number; stop: number; num: number }) =>
      torch.info(linspace(start, stop, num, DTYPE.float32, null, torch.device)),
    Range: range(torch),
    Diag: diagonal(torch),
    OneHot: oneHot(torch),
  };
};

function range(torch: Torch): Kernel {
  const arange = torch.operator('aten::arange', 'start_step');
  const full = torch.operator('aten::full');
  return (_, { start, stop, step, dtype }: { start: number; stop: number; step: number; dtype: DataType }) => {
    const code = torch.dtypeCode(dtype);
    // A step of 1 is what stands there when none was given: it turns to run down.
    const signed = stop < start && step === 1 ? -1 : step;
    // TensorFlow.js answers with nothing where libtorch refuses.
    const away = start < stop ? signed < 0 : signed > 0;
    if (start === stop || away) return torch.info(full([0], 0, code, null, torch.device));
    return torch.info(arange(start, stop, signed, code, null, torch.device));
  };
}

/** out[i…, i…] = x[i…]. */
function diagonal(torch: Torch): Kernel {
  const reshape = torch.operator('aten::reshape');
  const diagonalOf = torch.operator('aten::diag');
  return ({ x }: X) =>
    scoped(torch, (own) => {
      const square = own(diagonalOf(own(reshape(torch.handle(x), [-1]))));
      return torch.info(reshape(square, [...x.shape, ...x.shape]));
    });
}

interface OneHotAttrs {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype: DataType;
}

/** Compares with 0 … depth − 1, so that an index outside of them makes a row of off values. */
function oneHot(torch: Torch): Kernel {
  const arange = torch.operator('aten::arange', 'start_step');
  const unsqueeze = torch.operator('aten::unsqueeze');
  const equal = torch.operator('aten::eq', 'Tensor');
  const scale = torch.operator('aten::mul_', 'Scalar');
  const shift = torch.operator('aten::add_', 'Scalar');
  return ({ indices }: { indices: TensorInfo }, { depth, onValue, offValue, dtype }: OneHotAttrs) =>
    scoped(torch, (own) => {
      const classes = own(arange(0, depth, 1, DTYPE.int32, null, torch.device));
      const hot = own(equal(own(unsqueeze(torch.handle(indices), -1)), classes));
      const typed = torch.cast(hot, torch.dtypeCode(dtype));
      if (onValue === 1 && offValue === 0) return torch.info(typed);
      return torch.info(shift(own(scale(own(typed), onValue - offValue)), offValue));
    });
}
