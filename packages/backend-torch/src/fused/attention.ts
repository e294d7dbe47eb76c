// B batch, H heads, T query tokens, S key tokens, d head size.
import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';

const FORWARD = 'aten::_scaled_dot_product_flash_attention_for_cpu';
const BACKWARD = `${FORWARD}_backward`;

interface Attention {
  readonly q: TensorInfo;
  readonly k: TensorInfo;
  readonly v: TensorInfo;
}

interface Saved extends Attention {
  readonly dy: TensorInfo;
  readonly out: TensorInfo;
  readonly lse: TensorInfo;
}

/** libtorch's flash attention for the CPU, forward and backward: no map in memory. Absent before libtorch 2.2. */
export const attentionKernels: KernelSet = (torch) => {
  if (torch.device !== 'cpu' || !torch.has(FORWARD)) return {};
  const forward = torch.operator<[Handle, Handle]>(FORWARD);
  const backward = torch.operator<Handle[]>(BACKWARD);
  const unsqueeze = torch.operator('aten::unsqueeze');
  const squeeze = torch.operator('aten::squeeze', 'dim');
  const handles = ({ q, k, v }: Attention): Handle[] => [q, k, v].map((x) => torch.handle(x));
  return {
    HasteAttention: (inputs: Attention) =>
      scoped(torch, (own) => {
        const [out, lse_BHT] = forward(...handles(inputs), 0, false);
        const out_BHTd = torch.infos([out])[0]!;
        return [out_BHTd, torch.info(unsqueeze(own(lse_BHT), -1))];
      }),
    HasteAttentionGrad: ({ dy, out, lse, ...inputs }: Saved) =>
      scoped(torch, (own) => {
        const lse_BHT = own(squeeze(torch.handle(lse), -1));
        const gradients = backward(torch.handle(dy), ...handles(inputs), torch.handle(out), lse_BHT, 0, false);
        return torch.infos(gradients) as TensorInfo[];
      }),
  };
};
