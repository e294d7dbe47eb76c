// B batch, H heads, T query tokens, S key tokens, d head size.
import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import { asFloat, asHalf } from './linear.js';

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

/**
 * Attention on a GPU (native/device_attention.cc): flash attention under bf16, memory-efficient attention in float32. The
 * log-sum-exp has the operator's own layout; the state of its random numbers lives with the output.
 */
export const attentionKernelsDevice: KernelSet = (torch) => {
  if (!torch.has('aten::_scaled_dot_product_flash_attention_for_cpu')) return {};
  const forward = torch.operator<(Handle | null)[]>('haste::device_attention');
  const backward = torch.operator<Handle[]>('haste::device_attention_backward');
  return {
    HasteAttention: (inputs: Attention) =>
      scoped(torch, (own) => {
        const as = torch.precision === 'bf16' ? asHalf : asFloat;
        const [q, k, v] = [inputs.q, inputs.k, inputs.v].map((x) => as(torch, x, own));
        const [out, lse, ...state] = forward(q, k, v);
        const infos = torch.infos([out!, lse!]) as TensorInfo[];
        torch.data(infos[0]!).attached = state.filter((handle) => handle !== null);
        return infos;
      }),
    HasteAttentionGrad: ({ dy, q, k, v, out, lse }: Saved) =>
      scoped(torch, (own) => {
        const data = torch.data(out);
        const as = data.dtype === DTYPE.bfloat16 ? asHalf : asFloat;
        const [dyh, qh, kh, vh] = [dy, q, k, v].map((x) => as(torch, x, own));
        const [seed = null, offset = null] = data.attached;
        return torch.infos(backward(dyh, qh, kh, vh, data.handle, torch.handle(lse), seed, offset)) as TensorInfo[];
      }),
  };
};
