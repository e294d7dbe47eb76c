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
import { type Rotation, rotate } from './rotary.js';

export interface AttentionShape {
  readonly heads: number;
  /** Layer norm with affine on every head's queries and keys. */
  readonly qkNorm: boolean;
  readonly eps: number;
  /** Whether `qkv` has a bias; default: it has. */
  readonly qkvBias?: boolean;
  /** Rotary positions, after any QK norm. */
  readonly rotation?: Rotation | undefined;
  /** Added to the scaled logits, [B or 1, 1, T, T]: 0, or a number that leaves nothing of a logit. Costs the fused path. */
  readonly mask?: Tensor4D | undefined;
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
    const qkv_BT3D = linear(x_BTD, at('qkv.weight'), biasOf(at, shape)) as Tensor3D;
    const project = (y_BTD: Tensor3D) => linear(y_BTD, at('proj.weight'), at('proj.bias')) as Tensor3D;
    const plain = !shape.qkNorm && !shape.rotation && !shape.mask;
    if (plain && !tap) return { y_BTD: project(packedAttention(qkv_BT3D, shape.heads)) };
    if (plain) {
      const { y_BTD, ...queryKey } = tappedAttention(qkv_BT3D, shape.heads);
      return { y_BTD: project(y_BTD), tap: queryKey as never };
    }
    const [q, k, v] = splitHeads(qkv_BT3D, 3, shape.heads);
    const { q_BHTd, k_BHTd } = placed(at, q!, k!, shape);
    const y_BHTd = shape.mask ? maskedAttention(q_BHTd, k_BHTd, v!, shape.mask) : attention(q_BHTd, k_BHTd, v!);
    const y_BTD = project(mergeHeads(y_BHTd));
    return tap ? { y_BTD, tap: { q_BHTd, k_BHTd } as never } : { y_BTD };
  }) as AttentionResult;
}

/** Queries and keys alone, without values, map and projection. */
export function queriesAndKeys(at: Lookup, x_BTD: Tensor3D, shape: AttentionShape): QueryKey {
  return tf.tidy(() => {
    const D = x_BTD.shape[2];
    // Rows of the weight are [q | k | v]: the first two thirds are a slice of contiguous memory.
    const weight = tf.slice(at('qkv.weight') as Tensor<tf.Rank.R2>, [0, 0], [2 * D, D]);
    const whole = biasOf(at, shape) as Tensor<tf.Rank.R1> | undefined;
    const bias = whole && tf.slice(whole, 0, 2 * D);
    const { q, k } = packedQueryKey(linear(x_BTD, weight, bias) as Tensor3D, 2, shape.heads);
    return { ...placed(at, q, k, shape) };
  });
}

/** softmax(q·kᵀ·d^−½ + mask)·v, with the map in memory: for short sequences. */
function maskedAttention(q_BHTd: Tensor4D, k_BHTd: Tensor4D, v_BHTd: Tensor4D, mask: Tensor4D): Tensor4D {
  const scaled_BHTd = tf.mul(q_BHTd, 1 / Math.sqrt(q_BHTd.shape[3]));
  const logits_BHTT = tf.add(tf.matMul(scaled_BHTd, k_BHTd, false, true), mask);
  return tf.matMul(tf.softmax(logits_BHTT), v_BHTd) as Tensor4D;
}

const biasOf = (at: Lookup, { qkvBias = true }: AttentionShape): Tensor | undefined =>
  qkvBias ? at('qkv.bias') : undefined;

/** Queries and keys as the logits see them: normalised, then rotated, as far as the model does either. */
function placed(at: Lookup, q_BHTd: Tensor4D, k_BHTd: Tensor4D, { qkNorm, eps, rotation }: AttentionShape): QueryKey {
  const place = (name: string, x: Tensor4D): Tensor4D => {
    const affine = qkNorm ? { weight: at(`${name}.weight`), bias: at(`${name}.bias`), eps } : null;
    const normalized = affine ? (layerNorm(x, affine) as Tensor4D) : x;
    return rotation ? rotate(normalized, rotation) : normalized;
  };
  return { q_BHTd: place('q_norm', q_BHTd), k_BHTd: place('k_norm', k_BHTd) };
}
