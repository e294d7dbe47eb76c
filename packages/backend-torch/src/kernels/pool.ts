import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import { layouts } from './layout.js';
import type { KernelSet } from './register.js';
import { type Own, asDtype, scoped } from './scope.js';
import { type Window, type WindowAttrs, poolWindow } from './window.js';

type PoolAttrs = WindowAttrs & { readonly filterSize: number | readonly number[] };

/** Pooling over NHWC and NDHWC, and its gradients. */
export const poolKernels: KernelSet = (torch) => {
  const flat = pooling(torch, 2);
  const deep = pooling(torch, 3);
  return {
    AvgPool: flat.average,
    AvgPool3D: deep.average,
    AvgPoolGrad: flat.averageGradient,
    AvgPool3DGrad: deep.averageGradient,
    MaxPool: flat.greatest,
    MaxPool3D: deep.greatest,
    MaxPoolGrad: flat.greatestGradient,
    MaxPool3DGrad: deep.greatestGradient,
  };
};

function pooling(torch: Torch, spatial: 2 | 3) {
  const layout = layouts(torch);
  const average = averages(torch, spatial);
  const greatest = maxima(torch, spatial);
  const first = (x: TensorInfo, own: Own): Handle =>
    own(layout.channelsFirst(asDtype(torch, x, 'float32', own), spatial));
  const result = (out: Handle, own: Own): TensorInfo => torch.info(layout.channelsLast(own(out), spatial));

  return {
    average: ({ x }: { x: TensorInfo }, attrs: PoolAttrs) =>
      scoped(torch, (own) => result(average.forward(first(x, own), poolWindow(x.shape, attrs), own), own)),
    averageGradient: ({ dy, input }: Record<'dy' | 'input', TensorInfo>, attrs: PoolAttrs) =>
      scoped(torch, (own) => {
        const window = poolWindow(input.shape, attrs);
        const dx = average.backward(first(dy, own), first(input, own), window, own);
        return result(layout.unbordered(dx, firstShape(input), window, own), own);
      }),
    greatest: ({ x }: { x: TensorInfo }, attrs: PoolAttrs) =>
      scoped(torch, (own) => {
        const window = poolWindow(x.shape, attrs);
        const bordered = layout.bordered(first(x, own), window, -Infinity, own);
        const [out, indices] = greatest.forward(bordered, window);
        own(indices);
        return result(out, own);
      }),
    greatestGradient: ({ dy, input }: Record<'dy' | 'input', TensorInfo>, attrs: PoolAttrs) =>
      scoped(torch, (own) => {
        const window = poolWindow(input.shape, attrs);
        const bordered = layout.bordered(first(input, own), window, -Infinity, own);
        const [out, indices] = greatest.forward(bordered, window).map(own) as [Handle, Handle];
        own(out);
        const dx = greatest.backward(first(dy, own), bordered, window, indices);
        return result(layout.unbordered(dx, firstShape(input), window, own), own);
      }),
  };
}

const firstShape = ({ shape }: TensorInfo): number[] => [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)];

/**
 * Means of windows, of what is inside of the tensor only. Where libtorch cannot pad by itself, a window's mean over zeros and
 * values is divided by its mean over zeros and ones.
 */
function averages(torch: Torch, spatial: 2 | 3) {
  const pool = torch.operator(`aten::avg_pool${spatial}d`);
  const backward = torch.operator(`aten::avg_pool${spatial}d_backward`);
  const ones = torch.operator('aten::new_ones');
  const divide = torch.operator('aten::div', 'Tensor');
  const layout = layouts(torch);

  const inside = (x: Handle, window: Window, own: Own): Handle => {
    const all = layout.bordered(own(ones(x, [1, 1, ...window.sizes])), window, 0, own);
    return own(pool(all, window.kernel, window.stride));
  };
  return {
    forward: (x: Handle, window: Window, own: Own): Handle => {
      const { kernel, stride, padding, border } = window;
      if (!border) return pool(x, kernel, stride, padding, false, false);
      return divide(own(pool(layout.bordered(x, window, 0, own), kernel, stride)), inside(x, window, own));
    },
    /** Of the bordered input. */
    backward: (dy: Handle, x: Handle, window: Window, own: Own): Handle => {
      const { kernel, stride, padding, border } = window;
      if (!border) return backward(dy, x, kernel, stride, padding, false, false, null);
      const scaled = own(divide(dy, inside(x, window, own)));
      return backward(scaled, layout.bordered(x, window, 0, own), kernel, stride, padding, false, true, null);
    },
  };
}

function maxima(torch: Torch, spatial: 2 | 3) {
  const pool = torch.operator<[Handle, Handle]>(`aten::max_pool${spatial}d_with_indices`);
  const backward = torch.operator(`aten::max_pool${spatial}d_with_indices_backward`);
  return {
    forward: (x: Handle, { kernel, stride, padding, dilation }: Window): [Handle, Handle] =>
      pool(x, kernel, stride, padding, dilation, false),
    backward: (dy: Handle, x: Handle, { kernel, stride, padding, dilation }: Window, indices: Handle): Handle =>
      backward(dy, x, kernel, stride, padding, dilation, false, indices),
  };
}
