// B batch, H heads, T query tokens, S key tokens, d head size.
import type { TensorInfo } from '@hastejs/tensor';
import { type Argument, DTYPE, type Handle, type Result } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import type { Torch, TorchData } from '../torch.js';
import { asFloat, asHalf } from './linear.js';

interface Attention {
  readonly q: TensorInfo;
  readonly k: TensorInfo;
  readonly v: TensorInfo;
}

interface Saved extends Attention {
  readonly dy: TensorInfo;
  readonly out: TensorInfo;
}

/** How a fused attention of CUDA is called; what its forward returns beside the output goes back into its backward. */
interface Fused {
  readonly forward: (q: Handle, k: Handle, v: Handle) => readonly Result[];
  readonly backward: (dy: Handle, qkv: Handle[], out: Handle, kept: readonly Result[]) => (Handle | null)[];
}

/**
 * Attention on CUDA: flash attention under bf16, memory-efficient attention in float32. Each leaves state of its own for its
 * gradient (log-sum-exp in a padded layout, random state), which lives with the output.
 */
export const attentionKernelsCuda: KernelSet = (torch) => {
  const [flash, efficient] = [flashAttention(torch), efficientAttention(torch)];
  const kept = new WeakMap<TorchData, readonly Result[]>();
  const lse = torch.operator('aten::new_empty');
  return {
    HasteAttention: ({ q, k, v }: Attention) =>
      scoped(torch, (own) => {
        const half = torch.precision === 'bf16';
        const [qh, kh, vh] = [q, k, v].map((x) => (half ? asHalf(torch, x, own) : asFloat(torch, x, own)));
        const [out, ...rest] = (half ? flash : efficient).forward(qh!, kh!, vh!);
        const info = torch.infoOf(out as Handle);
        const data = torch.data(info);
        data.attached = rest.filter((value, i): value is Handle => typeof value === 'number' && !isCount(half, i));
        kept.set(data, rest);
        // The contract's log-sum-exp has no reader here: an empty place holder of its rank.
        return [info, torch.info(lse(out as Handle, [0, 0, 0, 1]))];
      }),
    HasteAttentionGrad: ({ dy, q, k, v, out }: Saved) =>
      scoped(torch, (own) => {
        const data = torch.data(out);
        const half = data.dtype === DTYPE.bfloat16;
        const [dyh, ...qkv] = [dy, q, k, v].map((x) => (half ? asHalf(torch, x, own) : asFloat(torch, x, own)));
        const gradients = (half ? flash : efficient).backward(dyh!, qkv, data.handle, kept.get(data)!);
        return torch.infos(gradients.slice(0, 3)) as TensorInfo[];
      }),
  };
};

/** Flash attention returns two plain numbers among its tensors: the longest sequences, after log-sum-exp and offsets. */
const isCount = (half: boolean, index: number): boolean => half && (index === 3 || index === 4);

function flashAttention(torch: Torch): Fused {
  const forward = torch.operator<Result[]>('aten::_scaled_dot_product_flash_attention');
  const backward = torch.operator<Handle[]>('aten::_scaled_dot_product_flash_attention_backward');
  return {
    forward: (q, k, v) => forward(q, k, v, 0, false, false),
    backward: (dy, qkv, out, [lse, offsetsQ, offsetsK, longestQ, longestK, state, unused]) => {
      const sequences = [lse, offsetsQ, offsetsK, longestQ, longestK] as Argument[];
      return backward(dy, ...qkv, out, ...sequences, 0, false, state as Handle, unused as Handle);
    },
  };
}

function efficientAttention(torch: Torch): Fused {
  const forward = torch.operator<Result[]>('aten::_scaled_dot_product_efficient_attention');
  const backward = torch.operator<Handle[]>('aten::_scaled_dot_product_efficient_attention_backward');
  return {
    forward: (q, k, v) => forward(q, k, v, null, true),
    backward: (dy, qkv, out, kept) =>
      backward(dy, ...qkv, null, out, ...(kept as Argument[]), 0, [true, true, true, false], false),
  };
}
