// B batch, H heads, T query tokens, S key tokens, d head size.
import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import { asFloat } from './linear.js';
import { type MatmulPrecision, usesMatrixUnit } from './products.js';

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

/** Attention that keeps no map: on the matrix unit where products are, else libtorch's flash attention for the CPU. */
export const attentionKernels =
  (precision: MatmulPrecision): KernelSet =>
  (torch) => {
    if (torch.device !== 'cpu') return {};
    if (precision === 'high' && usesMatrixUnit(torch)) return onMatrixUnit(torch);
    // Since libtorch 2.2; before, the composition serves.
    return torch.has(FORWARD) ? flash(torch) : {};
  };

const onMatrixUnit: KernelSet = (torch) => {
  const forward = torch.operator<Handle[]>('haste::attention');
  const backward = torch.operator<Handle[]>('haste::attention_backward');
  return {
    HasteAttention: ({ q, k, v }: Attention) =>
      scoped(torch, (own) => torch.infos(forward(...[q, k, v].map((x) => asFloat(torch, x, own)))) as TensorInfo[]),
    HasteAttentionGrad: ({ dy, q, k, v, out, lse }: Saved) =>
      scoped(torch, (own) => {
        const inputs = [dy, q, k, v, out, lse].map((x) => asFloat(torch, x, own));
        return torch.infos(backward(...inputs)) as TensorInfo[];
      }),
  };
};

const flash: KernelSet = (torch) => {
  const forward = torch.operator<[Handle, Handle]>(FORWARD);
  const backward = torch.operator<Handle[]>(BACKWARD);
  const unsqueeze = torch.operator('aten::unsqueeze');
  const squeeze = torch.operator('aten::squeeze', 'dim');
  return {
    HasteAttention: ({ q, k, v }: Attention) =>
      scoped(torch, (own) => {
        const [out, lse_BHT] = forward(...[q, k, v].map((x) => torch.handle(x)), 0, false);
        const out_BHTd = torch.infos([out])[0]!;
        return [out_BHTd, torch.info(unsqueeze(own(lse_BHT), -1))];
      }),
    HasteAttentionGrad: ({ dy, q, k, v, out, lse }: Saved) =>
      scoped(torch, (own) => {
        const lse_BHT = own(squeeze(torch.handle(lse), -1));
        const inputs = [dy, q, k, v, out].map((x) => torch.handle(x));
        return torch.infos(backward(...inputs, lse_BHT, 0, false)) as TensorInfo[];
      }),
  };
};
