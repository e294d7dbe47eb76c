import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { asDtype, scoped, share } from './scope.js';

interface X {
  readonly x: TensorInfo;
}

interface Over {
  readonly axis: number | readonly number[] | null | undefined;
  readonly keepDims: boolean;
}

/** Axes as libtorch takes them. It reduces everything where TensorFlow.js says "over no axis": see `overNone`. */
function axesOf(axis: Over['axis'], rank: number): readonly number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  return typeof axis === 'number' ? [axis] : axis;
}

const overNone = (axis: Over['axis']): boolean => typeof axis === 'object' && axis !== null && axis.length === 0;

export const reductionKernels: KernelSet = (torch) => ({
  ...sumKernels(torch),
  ...extremeKernels(torch),
  ...placeKernels(torch),
});

const sumKernels = (torch: Torch): Record<string, Kernel> => {
  const sum = torch.operator('aten::sum', 'dim_IntList');
  const mean = torch.operator('aten::mean', 'dim');
  const product = torch.operator('aten::prod', 'dim_int');
  // Without a dtype libtorch sums int32 as int64.
  const dtypeOf = (x: TensorInfo): number | null => (x.dtype === 'int32' || x.dtype === 'bool' ? DTYPE.int32 : null);
  return {
    Sum: ({ x }: X, { axis, keepDims }: Over) => {
      if (overNone(axis)) return unreduced(torch, x);
      return torch.info(sum(torch.handle(x), axesOf(axis, x.shape.length), keepDims, dtypeOf(x)));
    },
    Mean: ({ x }: X, { axis, keepDims }: Over) =>
      torch.info(mean(torch.handle(x), axesOf(axis, x.shape.length), keepDims, DTYPE.float32)),
    Prod: ({ x }: X, { axis, keepDims }: Over) => {
      if (overNone(axis)) return unreduced(torch, x);
      return scoped(torch, (own) => {
        const rank = x.shape.length;
        // One axis a call, the last first, so that those before it keep their numbers.
        const axes = axesOf(axis, rank).map((a) => (a < 0 ? a + rank : a));
        axes.sort((a, b) => b - a);
        let result: Handle | null = null;
        for (const a of axes)
          result = product(result === null ? torch.handle(x) : own(result), a, keepDims, dtypeOf(x));
        return result === null ? unreduced(torch, x) : torch.info(result);
      });
    },
  };
};

/** Over no axis nothing changes, except that sums of bool are int32. */
function unreduced(torch: Torch, x: TensorInfo): TensorInfo {
  return x.dtype === 'bool' ? torch.info(torch.cast(torch.handle(x), DTYPE.int32)) : share(torch, x);
}

const extremeKernels = (torch: Torch): Record<string, Kernel> => {
  const greatest = torch.operator('aten::amax');
  const least = torch.operator('aten::amin');
  const extreme = (x: TensorInfo, operator: typeof greatest, axis: Over['axis'], keepDims: boolean): TensorInfo =>
    overNone(axis) ? share(torch, x) : torch.info(operator(torch.handle(x), axesOf(axis, x.shape.length), keepDims));
  return {
    Max: ({ x }: X, { reductionIndices, keepDims }: { reductionIndices: Over['axis']; keepDims: boolean }) =>
      extreme(x, greatest, reductionIndices, keepDims),
    Min: ({ x }: X, { axis, keepDims }: Over) => extreme(x, least, axis, keepDims),
    // Of bools: several axes at once, which `all` and `any` of older libtorch do not take.
    All: ({ x }: X, { axis, keepDims }: Over) => extreme(x, least, axis, keepDims),
    Any: ({ x }: X, { axis, keepDims }: Over) => extreme(x, greatest, axis, keepDims),
  };
};

/** The first place of the greatest, as int32. TensorFlow.js passes over NaN, which libtorch takes for the greatest. */
const placeKernels = (torch: Torch): Record<string, Kernel> => {
  const withoutNan = torch.operator('aten::nan_to_num');
  const place = (name: string, worst: number): Kernel => {
    const operator = torch.operator(`aten::${name}`);
    return ({ x }: X, { axis }: { axis: number }) =>
      scoped(torch, (own) => {
        const values =
          x.dtype === 'float32'
            ? own(withoutNan(torch.handle(x), worst, Infinity, -Infinity))
            : asDtype(torch, x, 'int32', own);
        return torch.info(operator(values, axis));
      });
  };
  return { ArgMax: place('argmax', -Infinity), ArgMin: place('argmin', Infinity) };
};
