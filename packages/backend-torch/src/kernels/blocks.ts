import { type TensorInfo, tf } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import { lastAxisFirst } from './assemble.js';
import type { KernelSet } from './register.js';
import { type Own, scoped } from './scope.js';
import { slicer } from './views.js';

interface X {
  readonly x: TensorInfo;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Kernels that move blocks of pixels to the batch or to the channels, and back: one copy each. */
export const blockKernels: KernelSet = (torch) => {
  const pad = torch.operator('aten::constant_pad_nd');
  const regroup = regrouper(torch);
  const slice = slicer(torch);
  const { getReshaped, getPermuted, getReshapedPermuted, getSliceBeginCoords, getSliceSize } = tf.backend_util;
  return {
    SpaceToBatchND: ({ x }: X, { blockShape, paddings }: { blockShape: number[]; paddings: [number, number][] }) => {
      const after = x.shape.slice(1 + blockShape.length).map(() => [0, 0] as const);
      const every = [[0, 0] as const, ...paddings, ...after];
      const padded = x.shape.map((size, axis) => size + every[axis]![0] + every[axis]![1]);
      const split = getReshaped(padded, blockShape, sizeOf(blockShape), false);
      const order = getPermuted(split.length, blockShape.length, false);
      const merged = getReshapedPermuted(padded, blockShape, sizeOf(blockShape), false);
      return scoped(torch, (own) => {
        const wide = own(pad(torch.handle(x), lastAxisFirst(every), 0));
        return torch.info(regroup(wide, split, order, merged, own));
      });
    },
    BatchToSpaceND: ({ x }: X, { blockShape, crops }: { blockShape: number[]; crops: number[][] }) => {
      const split = getReshaped(x.shape, blockShape, sizeOf(blockShape));
      const order = getPermuted(split.length, blockShape.length);
      const merged = getReshapedPermuted(x.shape, blockShape, sizeOf(blockShape));
      const starts = getSliceBeginCoords(crops, blockShape.length);
      const sizes = getSliceSize(merged, crops, blockShape.length);
      return scoped(torch, (own) => {
        const whole = regroup(torch.handle(x), split, order, merged, own);
        return torch.info(slice(own(whole), merged, starts, sizes));
      });
    },
    DepthToSpace: ({ x }: X, { blockSize, dataFormat }: { blockSize: number; dataFormat: 'NHWC' | 'NCHW' }) => {
      const { split, order, merged } = depthToSpace(x.shape, blockSize, dataFormat);
      return scoped(torch, (own) => torch.info(regroup(torch.handle(x), split, order, merged, own)));
    },
  };
};

function depthToSpace(shape: readonly number[], block: number, dataFormat: 'NHWC' | 'NCHW') {
  if (dataFormat === 'NHWC') {
    const [N, H, W, C] = shape as [number, number, number, number];
    const depth = C / (block * block);
    return {
      split: [N, H, W, block, block, depth],
      order: [0, 1, 3, 2, 4, 5],
      merged: [N, H * block, W * block, depth],
    };
  }
  const [N, C, H, W] = shape as [number, number, number, number];
  const depth = C / (block * block);
  return { split: [N, block, block, depth, H, W], order: [0, 3, 4, 1, 5, 2], merged: [N, depth, H * block, W * block] };
}

/** Splits axes, permutes them and merges others. */
function regrouper(torch: Torch) {
  const reshape = torch.operator('aten::reshape');
  const permute = torch.operator('aten::permute');
  return (x: Handle, split: readonly number[], order: readonly number[], merged: readonly number[], own: Own): Handle =>
    reshape(own(permute(own(reshape(x, split)), order)), merged);
}
