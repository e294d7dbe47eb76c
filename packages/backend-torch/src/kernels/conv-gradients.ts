import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import { type Tensors, convParts, isChannelsFirst } from './conv-parts.js';
import { borderedShape, layouts } from './layout.js';
import { scoped } from './scope.js';
import { type Window, type WindowAttrs, convWindow } from './window.js';

/** Gradients of a convolution for its input and its filter. */
export function convGradients(torch: Torch, depthwise: boolean) {
  const { bordered, unbordered } = layouts(torch);
  const parts = convParts(torch, depthwise);
  const backward = convBackward(torch);
  // libtorch asks for input and weight also where only their shapes matter. Nothing is written to these.
  const empty = torch.operator('aten::new_empty');

  return {
    ofInput: ({ dy, filter }: Tensors<'dy' | 'filter'>, attrs: WindowAttrs & { inputShape: number[] }) => {
      const { inputShape } = attrs;
      const window = convWindow(inputShape, filter.shape, attrs, depthwise);
      assertOutputOf(window, dy, attrs);
      const shape = isChannelsFirst(attrs) ? inputShape : channelsFirst(inputShape);
      return scoped(torch, (own) => {
        const gradient = parts.first(dy, attrs, own);
        const input = own(empty(gradient, borderedShape(shape, window.border)));
        const [dx] = backward(gradient, input, parts.weight(filter, own), window, parts.groups(filter.shape), INPUT);
        return torch.info(parts.result(unbordered(dx!, shape, window, own), attrs, window.kernel.length, own));
      });
    },
    ofFilter: ({ x, dy }: Tensors<'x' | 'dy'>, attrs: WindowAttrs & { filterShape: number[] }) => {
      const { filterShape } = attrs;
      const window = convWindow(x.shape, filterShape, attrs, depthwise);
      assertOutputOf(window, dy, attrs);
      return scoped(torch, (own) => {
        const gradient = parts.first(dy, attrs, own);
        const input = bordered(parts.first(x, attrs, own), window, 0, own);
        const weight = own(empty(gradient, parts.weightShape(filterShape)));
        const [, dw] = backward(gradient, input, weight, window, parts.groups(filterShape), WEIGHT);
        return torch.info(parts.filter(own(dw!), filterShape, own));
      });
    },
  };
}

/** Which of the gradients of input, weight and bias are wanted. */
const INPUT = [true, false, false] as const;
const WEIGHT = [false, true, false] as const;

function convBackward(torch: Torch) {
  const backward = torch.operator<(Handle | null)[]>('aten::convolution_backward');
  return (dy: Handle, x: Handle, weight: Handle, window: Window, groups: number, wanted: readonly boolean[]) => {
    const { kernel, stride, padding, dilation } = window;
    const noPadding = new Array<number>(kernel.length).fill(0);
    return backward(dy, x, weight, null, stride, padding, dilation, false, noPadding, groups, wanted);
  };
}

/** libtorch's own refusal differs from processor to processor, and names no shape. */
function assertOutputOf({ out }: Window, { shape }: TensorInfo, attrs: WindowAttrs): void {
  const given = isChannelsFirst(attrs) ? shape.slice(2) : shape.slice(1, -1);
  if (out.every((size, axis) => size === given[axis])) return;
  throw new Error(
    `The gradient of a convolution must be of ${out.join('×')} places like its output, not ${given.join('×')}.`,
  );
}

const channelsFirst = (shape: readonly number[]): number[] => [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)];
