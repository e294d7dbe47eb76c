// The kernels of optimizer.ts as operators that every device of libtorch has (2.1 or newer).
import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import { type AdamWInputs, type EmaLists, type Rates, writable } from './optimizer.js';

type Tensors = readonly TensorInfo[];

/** AdamW, EMA and global norm by libtorch's own multi-tensor operators, in place. */
export const optimizerKernelsAten: KernelSet = (torch) => {
  const adamw = torch.operator<undefined>('aten::_fused_adamw_', 'tensor_lr');
  const lerp = torch.operator<undefined>('aten::_foreach_lerp_', 'Scalar');
  const norms = torch.operator<Handle[]>('aten::_foreach_norm', 'Scalar');
  const stack = torch.operator('aten::stack');
  const norm = torch.operator('aten::linalg_vector_norm');
  const handles = (tensors: Tensors): Handle[] => tensors.map((tensor) => torch.handle(tensor));
  return {
    HasteAdamW: (inputs: AdamWInputs, { beta1, beta2, eps, weightDecay }: Rates) => {
      const [params, m, v] = [inputs.params, inputs.m, inputs.v].map((tensors) => writable(torch, tensors));
      const lists = [params!, inputs.grads, m!, v!].map(handles);
      // A count for each parameter; they may all be one tensor.
      const counts = params!.map(() => torch.handle(inputs.count));
      adamw(...lists, [], counts, torch.handle(inputs.lr), beta1, beta2, weightDecay, eps, false, false);
      return [params!, m!, v!].flat();
    },
    HasteEma: ({ ema, params }: EmaLists, { decay }: { decay: number }) => {
      const averages = writable(torch, ema);
      lerp(handles(averages), handles(params), 1 - decay);
      return averages;
    },
    HasteGlobalNorm: ({ x }: { readonly x: Tensors }) =>
      scoped(torch, (own) => {
        const each = norms(handles(x), 2).map(own);
        return [torch.info(norm(own(stack(each, 0)), 2))];
      }),
  };
};
