// N batch, H W height and width (and D depth), C channels, I and O channels of input and output. Axes in the order of a name.
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import { lastAxisFirst } from './assemble.js';
import type { Own } from './scope.js';
import { slicer } from './views.js';
import type { Window } from './window.js';

export type Layout = ReturnType<typeof layouts>;

/**
 * Between the layouts of TensorFlow.js (channels last) and libtorch (channels first). All views: libtorch reads NHWC memory
 * as its "channels last" format, and answers in it.
 */
export function layouts(torch: Torch) {
  const permute = torch.operator('aten::permute');
  const reshape = torch.operator('aten::reshape');
  const pad = torch.operator('aten::constant_pad_nd');
  const slice = slicer(torch);
  return {
    /** NHWC → NCHW. */
    channelsFirst: (x: Handle, spatial: number): Handle => permute(x, spatial === 2 ? [0, 3, 1, 2] : [0, 4, 1, 2, 3]),
    /** NCHW → NHWC. */
    channelsLast: (x: Handle, spatial: number): Handle => permute(x, spatial === 2 ? [0, 2, 3, 1] : [0, 2, 3, 4, 1]),
    /** HWIO → OIHW. */
    weight: (filter: Handle, spatial: number): Handle =>
      permute(filter, spatial === 2 ? [3, 2, 0, 1] : [4, 3, 0, 1, 2]),
    /** OIHW → HWIO. */
    filter: (weight: Handle, spatial: number): Handle =>
      permute(weight, spatial === 2 ? [2, 3, 1, 0] : [2, 3, 4, 1, 0]),
    /** Depthwise: HWCM → (CM)1HW, M outputs of each channel. */
    depthwiseWeight: (filter: Handle, [H, W, C, M]: readonly number[], own: Own): Handle =>
      reshape(own(permute(filter, [2, 3, 0, 1])), [C! * M!, 1, H!, W!]),
    /** Depthwise: (CM)1HW → HWCM. */
    depthwiseFilter: (weight: Handle, [H, W, C, M]: readonly number[], own: Own): Handle =>
      permute(own(reshape(weight, [C!, M!, H!, W!])), [2, 3, 0, 1]),
    /** Adds the border of a window around x_NCHW. */
    bordered: (x: Handle, { border }: Window, value: number, own: Own): Handle =>
      border ? own(pad(x, lastAxisFirst(border), value)) : x,
    /** Cuts the border off a gradient of a bordered NCHW tensor, which it takes over. */
    unbordered: (dx: Handle, shape: readonly number[], { border, sizes }: Window, own: Own): Handle => {
      if (!border) return dx;
      const starts = [0, 0, ...border.map(([before]) => before)];
      return slice(own(dx), borderedShape(shape, border), starts, [...shape.slice(0, 2), ...sizes]);
    },
  };
}

/** Shape NCHW with its border. */
export function borderedShape(shape: readonly number[], border: Window['border']): number[] {
  return shape.map((size, axis) => (border && axis >= 2 ? size + border[axis - 2]![0] + border[axis - 2]![1] : size));
}
