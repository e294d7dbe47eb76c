// B batch, T tokens, D width, H heads, d = D / H, n projections (query, key, value).
import type { QueryKey } from '@hastejs/plugin-api';
import {
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  attention,
  layerNorm,
  linear,
  mergeHeads,
  packedAttention,
  packedQueryKey,
  splitHeads,
  tappedAttention,
  tf,
} from '@hastejs/tensor';
import type { Lookup } from '../parameters.js';

export interface AttentionShape {
  readonly heads: number;
  /** Layer norm with affine on every head's queries and keys. */
  readonly qkNorm: boolean;
  readonly eps: number;
}

export interface AttentionResult {
  readonly y_BTD: Tensor3D;
  /** Present if asked for. */
  readonly tap?: QueryKey;
}

/**
 * Multi-head self-attention, softmax(q·kᵀ·d^−½)·v, then the output projection. `at` finds `qkv`, `proj` and, with QK norm,
 * `q_norm` and `k_norm`.
 * @param tap also hand out q and k. They stay side by side in memory where the backend attends to them so, which saves copies.
 */
export function selfAttention(at: Lookup, x_BTD: Tensor3D, shape: AttentionShape, tap: boolean): AttentionResult {
  return tf.tidy(() => {
    const qkv_BT3D = linear(x_BTD, at('qkv.weight'), at('qkv.bias')) as Tensor3D;
    const project = (y_BTD: Tensor3D) => linear(y_BTD, at('proj.weight'), at('proj.bias')) as Tensor3D;
    if (!shape.qkNorm && !tap) return { y_BTD: project(packedAttention(qkv_BT3D, shape.heads)) };
    if (!shape.qkNorm) {
      const { y_BTD, ...queryKey } = tappedAttention(qkv_BT3D, shape.heads);
      return { y_BTD: project(y_BTD), tap: queryKey as never };
    }
    const [q, k, v] = splitHeads(qkv_BT3D, 3, shape.heads);
    const { q_BHTd, k_BHTd } = normalized(at, q!, k!, shape);
    const y_BTD = project(mergeHeads(attention(q_BHTd, k_BHTd, v!)));
    return tap ? { y_BTD, tap: { q_BHTd, k_BHTd } as never } : { y_BTD };
  }) as AttentionResult;
}

/** Queries and keys alone, without values, map and projection. */
export function queriesAndKeys(at: Lookup, x_BTD: Tensor3D, shape: AttentionShape): QueryKey {
  return tf.tidy(() => {
    const D = x_BTD.shape[2];
    // Rows of the weight are [q | k | v]: the first two thirds are a slice of contiguous memory.
    const weight = tf.slice(at('qkv.weight') as Tensor<tf.Rank.R2>, [0, 0], [2 * D, D]);
    const bias = tf.slice(at('qkv.bias') as Tensor<tf.Rank.R1>, 0, 2 * D);
    const { q, k } = packedQueryKey(linear(x_BTD, weight, bias) as Tensor3D, 2, shape.heads);
    return { ...normalized(at, q, k, shape) };
  });
}

function normalized(at: Lookup, q_BHTd: Tensor4D, k_BHTd: Tensor4D, { qkNorm, eps }: AttentionShape): QueryKey {
  if (!qkNorm) return { q_BHTd, k_BHTd };
  const norm = (name: string, x: Tensor4D): Tensor4D =>
    layerNorm(x, { weight: at(`${name}.weight`), bias: at(`${name}.bias`), eps }) as Tensor4D;
  return { q_BHTd: norm('q_norm', q_BHTd), k_BHTd: norm('k_norm', k_BHTd) };
}
