// B batch, T tokens, H heads, d head size.
import { kernelOp } from '../fused-op.js';
import { hasKernel } from '../kernels.js';
import { type Tensor3D, type Tensor4D, tf } from '../tf.js';
import { attention } from './attention.js';
import { mergeHeads, splitHeads } from './heads.js';
import { packedQueryKey } from './packed-query-key.js';

const op = kernelOp<{ heads: number }, 'qkv', never, 'lse'>({
  kernel: 'HastePackedAttention',
  inputs: ['qkv'],
  statistics: ['lse'],
  saves: ['qkv', 'out', 'lse'],
});

/**
 * Attention over queries, keys and values that lie side by side, as one linear layer makes them: [B, T, 3·H·d] →
 * [B, T, H·d]. The same as splitting the heads, `attention`, and merging them, where a backend can save the copies.
 * @throws Error when the last axis is not three times a multiple of `heads`.
 */
export function packedAttention(qkv_BT3D: Tensor3D, heads: number): Tensor3D {
  if (qkv_BT3D.shape[2] % (3 * heads) !== 0) {
    throw new Error(
      `packedAttention: [${qkv_BT3D.shape.join(', ')}] does not hold queries, keys and values of ${heads} heads.`,
    );
  }
  if (hasKernel('HastePackedAttention')) return op({ qkv: qkv_BT3D }, { heads }) as Tensor3D;
  return tf.tidy(() => apart(qkv_BT3D, heads).y_BTD);
}

/** The same, which also hands out its queries and keys. */
export interface TappedAttention {
  readonly y_BTD: Tensor3D;
  readonly q_BHTd: Tensor4D;
  readonly k_BHTd: Tensor4D;
}

/** `packedAttention` together with the queries and keys [B, H, T, d] that it attends by. */
export function tappedAttention(qkv_BT3D: Tensor3D, heads: number): TappedAttention {
  return tf.tidy(() => {
    if (!hasKernel('HastePackedAttention')) return apart(qkv_BT3D, heads) as never;
    const { q, k } = packedQueryKey(qkv_BT3D, 3, heads);
    return { y_BTD: packedAttention(qkv_BT3D, heads), q_BHTd: q, k_BHTd: k } as never;
  });
}

function apart(qkv_BT3D: Tensor3D, heads: number): TappedAttention {
  const [q, k, v] = splitHeads(qkv_BT3D, 3, heads);
  return { y_BTD: mergeHeads(attention(q!, k!, v!)), q_BHTd: q!, k_BHTd: k! };
}
