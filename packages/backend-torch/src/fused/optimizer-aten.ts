// The kernels of optimizer.ts as operators that every device of libtorch has (2.1 or newer).
import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import { type AdamWLists, type EmaLists, type Rates, writable } from './optimizer.js';

type Tensors = readonly TensorInfo[];

/** AdamW, EMA and global norm by libtorch's own multi-tensor operators, in place. */
export const optimizerKernelsAten: KernelSet = (torch) => {
  const adamw = torch.operator<undefined>('aten::_fused_adamw_');
  const lerp = torch.operator<undefined>('aten::_foreach_lerp_', 'Scalar');
  const norms = torch.operator<Handle[]>('aten::_foreach_norm', 'Scalar');
  const stack = torch.operator('aten::stack');
  const norm = torch.operator('aten::linalg_vector_norm');
  const handles = (tensors: Tensors): Handle[] => tensors.map((tensor) => torch.handle(tensor));
  return {
    HasteAdamW: (inputs: AdamWLists, { lr, beta1, beta2, eps, weightDecay, step }: Rates) =>
      scoped(torch, (own) => {
        const [params, m, v] = [inputs.params, inputs.m, inputs.v].map((tensors) => writable(torch, tensors));
        // libtorch counts steps from 1, in a tensor for each parameter; they may all be one.
        const count = own(torch.addon.create(Float32Array.of(step + 1), [], torch.dtypeCode('float32'), torch.device));
        const counts = params!.map(() => count);
        const lists = [params!, inputs.grads, m!, v!].map(handles);
        adamw(...lists, [], counts, lr, beta1, beta2, weightDecay, eps, false, false);
        return [params!, m!, v!].flat();
      }),
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
