import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import { layouts } from './layout.js';
import type { KernelSet } from './register.js';
import { type Own, asDtype, scoped, share } from './scope.js';
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
  const zeros = torch.operator('aten::new_zeros');

  /** What libtorch does not see alike: windows that fit nowhere, and windows of one place that leave the shape. */
  const degenerate = (x: TensorInfo, { kernel, sizes, out }: Window): TensorInfo | null => {
    if (out.includes(0)) return torch.info(zeros(torch.handle(x), [x.shape[0]!, ...out, x.shape.at(-1)!]));
    const unchanged = kernel.every((size, axis) => size === 1 && sizes[axis] === out[axis]);
    return unchanged ? share(torch, x) : null;
  };

  return {
    average: ({ x }: { x: TensorInfo }, attrs: PoolAttrs) => {
      const window = poolWindow(x.shape, attrs);
      return degenerate(x, window) ?? scoped(torch, (own) => result(average.forward(first(x, own), window, own), own));
    },
    averageGradient: ({ dy, input }: Record<'dy' | 'input', TensorInfo>, attrs: PoolAttrs) =>
      scoped(torch, (own) => {
        const window = poolWindow(input.shape, attrs);
        const dx = average.backward(first(dy, own), first(input, own), window, own);
        return result(layout.unbordered(dx, firstShape(input), window, own), own);
      }),
    greatest: ({ x }: { x: TensorInfo }, attrs: PoolAttrs) => {
      const window = poolWindow(x.shape, attrs);
      return (
        degenerate(x, window) ??
        scoped(torch, (own) => {
          const [out, indices] = greatest.forward(greatest.input(first(x, own), window, own), window);
          own(indices);
          return result(out, own);
        })
      );
    },
    greatestGradient: ({ dy, input }: Record<'dy' | 'input', TensorInfo>, attrs: PoolAttrs) =>
      scoped(torch, (own) => {
        const window = poolWindow(input.shape, attrs);
        const bordered = greatest.input(first(input, own), window, own);
        const [, indices] = greatest.forward(bordered, window).map(own) as [Handle, Handle];
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
  const atLeast = torch.operator('aten::clamp');
  const layout = layouts(torch);

  const inside = (x: Handle, window: Window, own: Own): Handle => {
    const all = layout.bordered(own(ones(x, [1, 1, ...window.sizes])), window, 0, own);
    // A window all outside has mean 0, not 0/0.
    const least = 1 / window.kernel.reduce((a, b) => a * b, 1);
    return own(atLeast(own(pool(all, window.kernel, window.stride)), least));
  };
  return {
    forward: (x: Handle, window: Window, own: Own): Handle => {
      const { kernel, stride, padding, border } = window;
      if (!border) return pool(x, kernel, stride, padding, false, false);
      return divide(own(pool(layout.bordered(x, window, 0, own), kernel, stride)), inside(x, window, own));
    },
    /** Of the bordered input. TensorFlow.js divides by the whole window here, also where it hangs over the border. */
    backward: (dy: Handle, x: Handle, window: Window, own: Own): Handle => {
      const { kernel, stride, padding } = window;
      return backward(dy, layout.bordered(x, window, 0, own), kernel, stride, padding, false, true, null);
    },
  };
}

/** Greatest of windows, passing over NaN as TensorFlow.js does. */
function maxima(torch: Torch, spatial: 2 | 3) {
  const withoutNan = torch.operator('aten::nan_to_num');
  const layout = layouts(torch);
  const pool = torch.operator<[Handle, Handle]>(`aten::max_pool${spatial}d_with_indices`);
  const backward = torch.operator(`aten::max_pool${spatial}d_with_indices_backward`);
  return {
    input: (x: Handle, window: Window, own: Own): Handle =>
      layout.bordered(own(withoutNan(x, -Infinity, Infinity, -Infinity)), window, -Infinity, own),
    forward: (x: Handle, { kernel, stride, padding, dilation }: Window): [Handle, Handle] =>
      pool(x, kernel, stride, padding, dilation, false),
    backward: (dy: Handle, x: Handle, { kernel, stride, padding, dilation }: Window, indices: Handle): Handle =>
      backward(dy, x, kernel, stride, padding, dilation, false, indices),
  };
}
