import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import type { Torch } from '../torch.js';

type Tensors = readonly TensorInfo[];

export interface Rates {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
}

export type AdamWInputs = Readonly<
  Record<'params' | 'grads' | 'm' | 'v', Tensors> & Record<'lr' | 'count', TensorInfo>
>;
export type EmaLists = Readonly<Record<'ema' | 'params', Tensors>>;

/** AdamW, EMA, clipping and global norm: one call for all parameters, in place. */
export const optimizerKernels: KernelSet = (torch) => {
  const adamw = torch.operator<undefined>('haste::adamw_');
  const ema = torch.operator<undefined>('haste::ema_');
  const sumOfSquares = torch.operator('haste::sum_of_squares');
  const sqrt = torch.operator('aten::sqrt');
  const handles = (tensors: Tensors): Handle[] => tensors.map((tensor) => torch.handle(tensor));
  return {
    HasteAdamW: (inputs: AdamWInputs, { beta1, beta2, eps, weightDecay }: Rates) => {
      const [params, m, v] = [inputs.params, inputs.m, inputs.v].map((tensors) => writable(torch, tensors));
      const lists = [params!, inputs.grads, m!, v!].map(handles);
      const numbers = [inputs.lr, inputs.count].map((scalar) => torch.handle(scalar));
      adamw(...lists, ...numbers, beta1, beta2, eps, weightDecay, null);
      return [params!, m!, v!].flat();
    },
    HasteEma: (inputs: EmaLists, { decay }: { decay: number }) => {
      const averages = writable(torch, inputs.ema);
      ema(handles(averages), handles(inputs.params), decay);
      return averages;
    },
    HasteGlobalNorm: ({ x }: { readonly x: Tensors }) =>
      scoped(torch, (own) => [torch.info(sqrt(own(sumOfSquares(handles(x)))))]),
  };
};

/** Clipping, on every device. */
export const scaleKernels: KernelSet = (torch) => {
  if (!torch.has('aten::_foreach_mul_', 'Tensor')) return {};
  const multiply = torch.operator<undefined>('aten::_foreach_mul_', 'Tensor');
  return {
    HasteScale: ({ x, factor }: { readonly x: Tensors; readonly factor: TensorInfo }) => {
      const scaled = writable(torch, x);
      multiply(
        scaled.map((tensor) => torch.handle(tensor)),
        torch.handle(factor),
      );
      return scaled;
    },
  };
};

/**
 * The tensors themselves where nobody else sees their memory (neither another tensor of TensorFlow.js nor a view), copies
 * of the others: what the caller may write to.
 */
export function writable(torch: Torch, tensors: Tensors): TensorInfo[] {
  const clone = torch.operator('aten::clone');
  return tensors.map(({ dataId, shape, dtype }) => {
    const data = torch.data({ dataId });
    if (data.references > 1 || !torch.addon.exclusive(data.handle)) return torch.info(clone(data.handle));
    torch.forgetHalf(data);
    data.references += 1;
    return { dataId, shape, dtype };
  });
}
