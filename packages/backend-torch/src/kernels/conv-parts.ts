import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import { layouts } from './layout.js';
import type { Own } from './scope.js';
import type { WindowAttrs } from './window.js';

export type Tensors<Name extends string> = Readonly<Record<Name, TensorInfo>>;

export const isChannelsFirst = ({ dataFormat }: WindowAttrs): boolean =>
  dataFormat === 'NCHW' || dataFormat === 'NCDHW';

/** What the two kinds of convolution differ in: over all channels, or each channel by itself (depthwise). */
export function convParts(torch: Torch, depthwise: boolean) {
  const layout = layouts(torch);
  return {
    /** A tensor as libtorch sees it, NCHW. */
    first: (x: TensorInfo, attrs: WindowAttrs, own: Own): Handle =>
      isChannelsFirst(attrs) ? torch.handle(x) : own(layout.channelsFirst(torch.handle(x), x.shape.length - 2)),
    /** Result in the caller's format, of a handle NCHW that it takes over. */
    result: (y: Handle, attrs: WindowAttrs, spatial: number, own: Own): Handle =>
      isChannelsFirst(attrs) ? y : layout.channelsLast(own(y), spatial),
    weight: (filter: TensorInfo, own: Own): Handle => {
      const { shape } = filter;
      const handle = torch.handle(filter);
      return own(depthwise ? layout.depthwiseWeight(handle, shape, own) : layout.weight(handle, shape.length - 2));
    },
    filter: (weight: Handle, shape: readonly number[], own: Own): Handle =>
      depthwise ? layout.depthwiseFilter(weight, shape, own) : layout.filter(weight, shape.length - 2),
    /** Shape of the weight of a filter of this shape. */
    weightShape: (shape: readonly number[]): number[] => {
      const [H, W, C, M] = shape as [number, number, number, number];
      return depthwise ? [C * M, 1, H, W] : [shape.at(-1)!, shape.at(-2)!, ...shape.slice(0, -2)];
    },
    groups: (filterShape: readonly number[]): number => (depthwise ? filterShape[2]! : 1),
  };
}
