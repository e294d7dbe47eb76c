import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { scoped } from './scope.js';

/** Softmax and the normalization of a batch. */
export const normalizeKernels: KernelSet = (torch) => {
  const softmax = torch.operator('aten::softmax', 'int');
  const logSoftmax = torch.operator('aten::log_softmax', 'int');
  const float32 = torch.dtypeCode('float32');
  return {
    Softmax: ({ logits }: { logits: TensorInfo }, { dim }: { dim: number }) =>
      torch.info(softmax(torch.handle(logits), dim, float32)),
    LogSoftmax: ({ logits }: { logits: TensorInfo }, { axis }: { axis: number }) =>
      torch.info(logSoftmax(torch.handle(logits), axis, float32)),
    FusedBatchNorm: batchNorm(torch),
  };
};

type BatchNormInputs = Record<'x' | 'mean' | 'variance', TensorInfo> & Partial<Record<'scale' | 'offset', TensorInfo>>;

/** (x − mean)·scale/√(variance + ε) + offset, as x·factor + term, of any shapes that broadcast to that of x. */
function batchNorm(torch: Torch): Kernel {
  const add = torch.operator('aten::add', 'Scalar');
  const inverseRoot = torch.operator('aten::rsqrt_');
  const subtract = torch.operator('aten::sub', 'Tensor');
  const multiply = torch.operator('aten::mul_', 'Tensor');
  const shift = torch.operator('aten::add_', 'Tensor');
  const product = torch.operator('aten::mul', 'Tensor');
  return ({ x, mean, variance, scale, offset }: BatchNormInputs, { varianceEpsilon }: { varianceEpsilon: number }) =>
    scoped(torch, (own) => {
      let factor: Handle = own(inverseRoot(own(add(torch.handle(variance), varianceEpsilon))));
      if (scale) factor = own(product(factor, torch.handle(scale)));
      const centred = own(subtract(torch.handle(x), torch.handle(mean)));
      const scaled = multiply(centred, factor);
      return torch.info(offset ? shift(own(scaled), torch.handle(offset)) : scaled);
    });
}
