import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import { type Epilogue, type EpilogueInputs, epilogue } from './activation.js';
import { borderedShape, layouts } from './layout.js';
import type { KernelSet } from './register.js';
import { type Own, scoped } from './scope.js';
import { type Window, type WindowAttrs, convWindow } from './window.js';

type Pair<A extends string, B extends string> = Readonly<Record<A | B, TensorInfo>>;

/** Convolutions in two and three dimensions, plain and by channel, and their gradients. */
export const convKernels: KernelSet = (torch) => {
  const plain = convolutions(torch, false);
  const depthwise = convolutions(torch, true);
  return {
    Conv2D: plain.forward,
    FusedConv2D: plain.forward,
    Conv3D: plain.forward,
    Conv2DBackpropInput: plain.gradientOfInput,
    Conv3DBackpropInputV2: plain.gradientOfInput,
    Conv2DBackpropFilter: plain.gradientOfFilter,
    Conv3DBackpropFilterV2: plain.gradientOfFilter,
    DepthwiseConv2dNative: depthwise.forward,
    FusedDepthwiseConv2D: depthwise.forward,
    DepthwiseConv2dNativeBackpropInput: depthwise.gradientOfInput,
    DepthwiseConv2dNativeBackpropFilter: depthwise.gradientOfFilter,
  };
};

const isFirst = ({ dataFormat }: WindowAttrs): boolean => dataFormat === 'NCHW' || dataFormat === 'NCDHW';

function convolutions(torch: Torch, depthwise: boolean) {
  const convolve = torch.operator('aten::convolution');
  const finish = epilogue(torch);
  const layout = layouts(torch);
  const backward = backwards(torch);

  const first = (x: TensorInfo, attrs: WindowAttrs, spatial: number, own: Own): Handle =>
    isFirst(attrs) ? torch.handle(x) : own(layout.channelsFirst(torch.handle(x), spatial));
  const weightOf = (filter: Handle, shape: readonly number[], own: Own): Handle =>
    own(depthwise ? layout.depthwiseWeight(filter, shape, own) : layout.weight(filter, shape.length - 2));
  const groupsOf = (shape: readonly number[]): number => (depthwise ? shape[2]! : 1);

  return {
    forward: ({ x, filter, ...more }: Pair<'x', 'filter'> & EpilogueInputs, attrs: WindowAttrs & Epilogue) => {
      const window = convWindow(x.shape, filter.shape, attrs, depthwise);
      const { kernel, stride, padding, dilation } = window;
      const spatial = kernel.length;
      return scoped(torch, (own) => {
        const input = layout.bordered(first(x, attrs, spatial, own), window, 0, own);
        const weight = weightOf(torch.handle(filter), filter.shape, own);
        const groups = groupsOf(filter.shape);
        const out = convolve(
          input,
          weight,
          null,
          stride,
          padding,
          dilation,
          false,
          kernel.map(() => 0),
          groups,
        );
        if (isFirst(attrs)) return torch.info(finish(out, more, attrs, own, true));
        return torch.info(finish(layout.channelsLast(own(out), spatial), more, attrs, own));
      });
    },
    gradientOfInput: ({ dy, filter }: Pair<'dy', 'filter'>, attrs: WindowAttrs & { inputShape: number[] }) => {
      const { inputShape } = attrs;
      const window = convWindow(inputShape, filter.shape, attrs, depthwise);
      assertOutputOf(window, dy, attrs);
      const spatial = window.kernel.length;
      return scoped(torch, (own) => {
        const weight = weightOf(torch.handle(filter), filter.shape, own);
        const shape = firstShape(inputShape, attrs);
        const dx = backward.input(first(dy, attrs, spatial, own), shape, weight, window, groupsOf(filter.shape), own);
        const whole = layout.unbordered(dx, shape, window, own);
        return torch.info(isFirst(attrs) ? whole : layout.channelsLast(own(whole), spatial));
      });
    },
    gradientOfFilter: ({ x, dy }: Pair<'x', 'dy'>, attrs: WindowAttrs & { filterShape: number[] }) => {
      const { filterShape } = attrs;
      const window = convWindow(x.shape, filterShape, attrs, depthwise);
      assertOutputOf(window, dy, attrs);
      const spatial = window.kernel.length;
      return scoped(torch, (own) => {
        const input = layout.bordered(first(x, attrs, spatial, own), window, 0, own);
        const gradient = first(dy, attrs, spatial, own);
        const dw = own(backward.weight(gradient, input, weightShape(filterShape), window, groupsOf(filterShape), own));
        const { depthwiseFilter, filter } = layout;
        return torch.info(depthwise ? depthwiseFilter(dw, filterShape, own) : filter(dw, spatial));
      });
    },
  };

  function weightShape(shape: readonly number[]): number[] {
    const [H, W, C, M] = shape as [number, number, number, number];
    return depthwise ? [C * M, 1, H, W] : [shape.at(-1)!, shape.at(-2)!, ...shape.slice(0, -2)];
  }
}

/** libtorch's own refusal differs from processor to processor, and names no shape. */
function assertOutputOf({ out }: Window, { shape }: TensorInfo, attrs: WindowAttrs): void {
  const given = isFirst(attrs) ? shape.slice(2) : shape.slice(1, -1);
  if (out.every((size, axis) => size === given[axis])) return;
  throw new Error(
    `The gradient of a convolution must be of ${out.join('×')} places like its output, not ${given.join('×')}.`,
  );
}

function firstShape(shape: readonly number[], attrs: WindowAttrs): readonly number[] {
  return isFirst(attrs) ? shape : [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)];
}

/** libtorch's one gradient of convolutions asks for input and weight even where only their shapes matter: empty ones do. */
function backwards(torch: Torch) {
  const backward = torch.operator<(Handle | null)[]>('aten::convolution_backward');
  const empty = torch.operator('aten::new_empty');
  const gradients = (dy: Handle, x: Handle, w: Handle, { kernel, ...at }: Window, groups: number, mask: boolean[]) => {
    const { stride, padding, dilation } = at;
    return backward(
      dy,
      x,
      w,
      null,
      stride,
      padding,
      dilation,
      false,
      kernel.map(() => 0),
      groups,
      mask,
    );
  };
  return {
    input: (dy: Handle, shape: readonly number[], w: Handle, window: Window, groups: number, own: Own): Handle =>
      gradients(dy, own(empty(dy, borderedShape(shape, window.border))), w, window, groups, [true, false, false])[0]!,
    weight: (dy: Handle, x: Handle, shape: readonly number[], window: Window, groups: number, own: Own): Handle =>
      gradients(dy, x, own(empty(dy, shape)), window, groups, [false, true, false])[1]!,
  };
}
