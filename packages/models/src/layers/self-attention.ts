// B batch, T tokens, D width, H heads, d = D / H, n projections (query, key, value).
import type { QueryKey } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, type Tensor4D, attention, layerNorm, linear, tf } from '@hastejs/tensor';
import type { Lookup } from '../parameters.js';

export interface AttentionShape {
  readonly heads: number;
  /** Layer norm with affine on every head's queries and keys. */
  readonly qkNorm: boolean;
  readonly eps: number;
}

export interface AttentionResult extends QueryKey {
  readonly y_BTD: Tensor3D;
}

/**
 * Multi-head self-attention, softmax(q·kᵀ·d^−½)·v, then the output projection. `at` finds `qkv`, `proj` and, with QK norm,
 * `q_norm` and `k_norm`. Also hands out q and k, which cost nothing more.
 */
export function selfAttention(at: Lookup, x_BTD: Tensor3D, shape: AttentionShape): AttentionResult {
  return tf.tidy(() => {
    const [q, k, v] = splitHeads(linear(x_BTD, at('qkv.weight'), at('qkv.bias')) as Tensor3D, 3, shape.heads);
    const { q_BHTd, k_BHTd } = normalized(at, q!, k!, shape);
    const y_BTD = mergeHeads(attention(q_BHTd, k_BHTd, v!));
    return { y_BTD: linear(y_BTD, at('proj.weight'), at('proj.bias')), q_BHTd, k_BHTd };
  }) as AttentionResult;
}

/** Queries and keys alone, without values, map and projection. */
export function queriesAndKeys(at: Lookup, x_BTD: Tensor3D, shape: AttentionShape): QueryKey {
  return tf.tidy(() => {
    const D = x_BTD.shape[2];
    // Rows of the weight are [q | k | v]: the first two thirds are a slice of contiguous memory.
    const weight = tf.slice(at('qkv.weight') as Tensor<tf.Rank.R2>, [0, 0], [2 * D, D]);
    const bias = tf.slice(at('qkv.bias') as Tensor<tf.Rank.R1>, 0, 2 * D);
    const [q, k] = splitHeads(linear(x_BTD, weight, bias) as Tensor3D, 2, shape.heads);
    return { ...normalized(at, q!, k!, shape) };
  });
}

function normalized(at: Lookup, q_BHTd: Tensor4D, k_BHTd: Tensor4D, { qkNorm, eps }: AttentionShape): QueryKey {
  if (!qkNorm) return { q_BHTd, k_BHTd };
  const norm = (name: string, x: Tensor4D): Tensor4D =>
    layerNorm(x, { weight: at(`${name}.weight`), bias: at(`${name}.bias`), eps }) as Tensor4D;
  return { q_BHTd: norm('q_norm', q_BHTd), k_BHTd: norm('k_norm', k_BHTd) };
}

/**
 * [B, T, n·H·d] → n × [B, H, T, d]. Split first, into runs of D floats, then transposed on four axes: slices and transposes
 * are views on some backends, and the usual transpose of five axes is slow on others.
 */
function splitHeads(x_BTnD: Tensor3D, n: number, heads: number): Tensor4D[] {
  const [B, T, nD] = x_BTnD.shape;
  const parts = tf.split(tf.reshape(x_BTnD, [B * T, nD]), n, 1);
  return parts.map((part) => tf.transpose(tf.reshape(part, [B, T, heads, nD / (n * heads)]), [0, 2, 1, 3]));
}

/** [B, H, T, d] → [B, T, H·d] */
function mergeHeads(y_BHTd: Tensor4D): Tensor3D {
  const [B, H, T, d] = y_BHTd.shape;
  return tf.reshape(tf.transpose(y_BHTd, [0, 2, 1, 3]), [B, T, H * d]);
}
