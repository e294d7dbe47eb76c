import { type TensorInfo, tf } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { scoped, share } from './scope.js';

interface X {
  readonly x: TensorInfo;
}

/**
 * Kernels that look at memory in another way. A view has a handle of its own and keeps the memory of its base alive; a copy
 * would cost a pass over it.
 */
export const viewKernels: KernelSet = (torch) => {
  const reshape = torch.operator('aten::reshape');
  const permute = torch.operator('aten::permute');
  const unsqueeze = torch.operator('aten::unsqueeze');
  return {
    Identity: ({ x }: X) => share(torch, x),
    Reshape: ({ x }: X, { shape }: { shape: readonly number[] }) => torch.info(reshape(torch.handle(x), shape)),
    ExpandDims: ({ input }: { input: TensorInfo }, { dim }: { dim: number }) =>
      torch.info(unsqueeze(torch.handle(input), dim)),
    Transpose: ({ x }: X, { perm }: { perm: readonly number[] }) => torch.info(permute(torch.handle(x), perm)),
    ...partKernels(torch),
    StridedSlice: stridedSlice(torch),
  };
};

const partKernels = (torch: Torch): Record<string, Kernel> => {
  const split = torch.operator<Handle[]>('aten::split_with_sizes');
  const unbind = torch.operator<Handle[]>('aten::unbind', 'int');
  const slice = slicer(torch);
  return {
    Slice: ({ x }: X, { begin, size }: { begin: number | number[]; size: number | number[] }) => {
      const [starts, sizes] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
      tf.slice_util.assertParamsValid(x, starts, sizes);
      return torch.info(slice(torch.handle(x), x.shape, starts, sizes));
    },
    SplitV: ({ x }: X, { numOrSizeSplits, axis }: { numOrSizeSplits: number | number[]; axis: number }) => {
      const dim = axis < 0 ? axis + x.shape.length : axis;
      const sizes = tf.backend_util.prepareSplitSize(x as never, numOrSizeSplits, dim);
      return torch.infos(split(torch.handle(x), sizes, dim)) as TensorInfo[];
    },
    Unpack: ({ value }: { value: TensorInfo }, { axis }: { axis: number }) =>
      torch.infos(unbind(torch.handle(value), axis)) as TensorInfo[],
  };
};

/**
 * A box of a tensor of a known shape. libtorch narrows one axis a call, and most slices cut one axis. The last view is
 * described; a box that is all of it is an alias.
 */
export function slicer(torch: Torch) {
  const narrow = torch.operator('aten::slice', 'Tensor');
  const alias = torch.operator('aten::alias');
  return (base: Handle, shape: readonly number[], starts: readonly number[], sizes: readonly number[]): Handle => {
    let view: Handle | null = null;
    for (let axis = 0; axis < sizes.length; axis++) {
      const start = starts[axis]!;
      const end = start + sizes[axis]!;
      if (start === 0 && end === shape[axis]) continue;
      const previous: Handle | null = view;
      view = narrow(previous ?? base, axis, start, end);
      if (previous !== null) torch.addon.dispose(previous);
    }
    return view ?? alias(base);
  };
}

interface StridedSliceAttrs {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

function stridedSlice(torch: Torch): Kernel {
  const slice = torch.operator('aten::slice', 'Tensor');
  const flip = torch.operator('aten::flip');
  const reshape = torch.operator('aten::reshape');
  return ({ x }: X, a: StridedSliceAttrs) => {
    const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = a;
    const { begin, end, strides, finalShape } = tf.slice_util.sliceInfo(
      ...([x.shape, a.begin, a.end, a.strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const),
    );
    return scoped(torch, (own) => {
      let view = torch.handle(x);
      for (let axis = 0; axis < begin.length; axis++) {
        const [from, to, stride, size] = [begin[axis]!, end[axis]!, strides[axis]!, x.shape[axis]!];
        if (stride > 0) view = own(slice(view, axis, from, Math.max(from, to), stride));
        // Backwards from `from` is forwards in the mirror.
        else view = own(slice(own(flip(view, [axis])), axis, size - 1 - from, Math.max(0, size - 1 - to), -stride));
      }
      return torch.info(reshape(view, finalShape));
    });
  };
}
