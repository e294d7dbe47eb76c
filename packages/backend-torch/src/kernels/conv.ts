import type { Torch } from '../torch.js';
import { type Epilogue, type EpilogueInputs, epilogue } from './activation.js';
import { convGradients } from './conv-gradients.js';
import { type Tensors, convParts, isChannelsFirst } from './conv-parts.js';
import { layouts } from './layout.js';
import type { Kernel, KernelSet } from './register.js';
import { scoped } from './scope.js';
import { type WindowAttrs, convWindow } from './window.js';

/** Convolutions in two and three dimensions, plain and by channel, and their gradients. */
export const convKernels: KernelSet = (torch) => {
  const plain = convolution(torch, false);
  const depthwise = convolution(torch, true);
  const plainGradients = convGradients(torch, false);
  const depthwiseGradients = convGradients(torch, true);
  return {
    Conv2D: plain,
    FusedConv2D: plain,
    Conv3D: plain,
    Conv2DBackpropInput: plainGradients.ofInput,
    Conv3DBackpropInputV2: plainGradients.ofInput,
    Conv2DBackpropFilter: plainGradients.ofFilter,
    Conv3DBackpropFilterV2: plainGradients.ofFilter,
    DepthwiseConv2dNative: depthwise,
    FusedDepthwiseConv2D: depthwise,
    DepthwiseConv2dNativeBackpropInput: depthwiseGradients.ofInput,
    DepthwiseConv2dNativeBackpropFilter: depthwiseGradients.ofFilter,
  };
};

/** With bias and activation behind it where they are given. */
function convolution(torch: Torch, depthwise: boolean): Kernel {
  const convolve = torch.operator('aten::convolution');
  const finish = epilogue(torch);
  const { bordered } = layouts(torch);
  const parts = convParts(torch, depthwise);
  return ({ x, filter, ...more }: Tensors<'x' | 'filter'> & EpilogueInputs, attrs: WindowAttrs & Epilogue) => {
    const window = convWindow(x.shape, filter.shape, attrs, depthwise);
    const { kernel, stride, padding, dilation } = window;
    const spatial = kernel.length;
    // Of a transposed convolution only, but asked for.
    const noPadding = new Array<number>(spatial).fill(0);
    const groups = parts.groups(filter.shape);
    return scoped(torch, (own) => {
      const input = bordered(parts.first(x, attrs, own), window, 0, own);
      const weight = parts.weight(filter, own);
      const out = convolve(input, weight, null, stride, padding, dilation, false, noPadding, groups);
      const y = parts.result(out, attrs, spatial, own);
      return torch.info(finish(y, more, attrs, own, isChannelsFirst(attrs)));
    });
  };
}
