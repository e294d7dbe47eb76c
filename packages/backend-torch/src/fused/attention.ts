// B batch, H heads, T query tokens, S key tokens, d head size.
import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import { asFloat } from './linear.js';
import { PRODUCT, type Product } from './products.js';

interface Saved {
  readonly dy: TensorInfo;
  readonly out: TensorInfo;
  readonly lse: TensorInfo;
}

interface Separate {
  readonly q: TensorInfo;
  readonly k: TensorInfo;
  readonly v: TensorInfo;
}

interface Packed {
  readonly qkv: TensorInfo;
}

/** Attention on the CPU, forward and backward: no map in memory. Absent where neither AMX nor libtorch 2.2 is. */
export const attentionKernels =
  (product: Product): KernelSet =>
  (torch) => {
    const flash = torch.has('aten::_scaled_dot_product_flash_attention_for_cpu');
    if (product !== PRODUCT.matrixUnit && !flash) return {};
    const attention = torch.operator<Handle[]>('haste::attention');
    const gradient = torch.operator<Handle[]>('haste::attention_backward');
    const packed = torch.operator<Handle[]>('haste::packed_attention');
    const packedGradient = torch.operator('haste::packed_attention_backward');
    type Heads = { readonly heads: number };
    return {
      HasteAttention: ({ q, k, v }: Separate) =>
        scoped(torch, (own) => {
          const [qh, kh, vh] = [q, k, v].map((x) => asFloat(torch, x, own));
          return torch.infos(attention(qh, kh, vh, product)) as TensorInfo[];
        }),
      HasteAttentionGrad: ({ dy, q, k, v, out, lse }: Separate & Saved) =>
        scoped(torch, (own) => {
          const inputs = [dy, q, k, v, out, lse].map((x) => asFloat(torch, x, own));
          return torch.infos(gradient(...inputs, product)) as TensorInfo[];
        }),
      HastePackedAttention: ({ qkv }: Packed, { heads }: Heads) =>
        scoped(torch, (own) => torch.infos(packed(asFloat(torch, qkv, own), heads, product)) as TensorInfo[]),
      HastePackedAttentionGrad: ({ dy, qkv, out, lse }: Packed & Saved, { heads }: Heads) =>
        scoped(torch, (own) => {
          const inputs = [dy, qkv, out, lse].map((x) => asFloat(torch, x, own));
          return [torch.info(packedGradient(...inputs, heads, product))];
        }),
    };
  };

/** Queries and keys as views of the layer that made them. On every device. */
export const queryKeyKernels: KernelSet = (torch) => {
  const views = torch.operator<Handle[]>('haste::packed_query_key');
  const gradient = torch.operator('haste::packed_query_key_backward');
  interface Parts {
    readonly heads: number;
    readonly parts: number;
  }
  return {
    HastePackedQueryKey: ({ qkv }: Packed, { parts, heads }: Parts) =>
      torch.infos(views(torch.handle(qkv), parts, heads)) as TensorInfo[],
    HastePackedQueryKeyGrad: ({ q, k }: Omit<Separate, 'v'>, { parts }: Parts) => [
      torch.info(gradient(torch.handle(q), torch.handle(k), parts)),
    ],
  };
};
