// B batch, H heads, T query tokens, S key tokens, d head size.
import { fusedOp } from '../fused-op.js';
import { type Tensor, type Tensor4D, tf } from '../tf.js';

const op = fusedOp<Record<never, never>, 'q' | 'k' | 'v', never, 'lse'>({
  kernel: 'HasteAttention',
  inputs: ['q', 'k', 'v'],
  statistics: ['lse'],
  saves: ['q', 'k', 'v', 'out', 'lse'],
  forward: ({ q, k, v }) => {
    const logits_BHTS = tf.matMul(scaled(q), k, false, true);
    const lse_BHT1 = tf.logSumExp(logits_BHTS, -1, true);
    const p_BHTS = tf.exp(tf.sub(logits_BHTS, lse_BHT1));
    return { out: tf.matMul(p_BHTS, v), lse: lse_BHT1 };
  },
  backward: ({ dy, q, k, v, out, lse }) => {
    const q_BHTd = scaled(q);
    const p_BHTS = tf.exp(tf.sub(tf.matMul(q_BHTd, k, false, true), lse));
    const dp_BHTS = tf.matMul(dy, v, false, true);
    const rowDot_BHT1 = tf.sum(tf.mul(dy, out), -1, true);
    const ds_BHTS = tf.mul(p_BHTS, tf.sub(dp_BHTS, rowDot_BHT1));
    return {
      q: scaled(tf.matMul(ds_BHTS, k)),
      k: tf.matMul(ds_BHTS, q_BHTd, true, false),
      v: tf.matMul(p_BHTS, dy, true, false),
    };
  },
});

/** x·d^−½: folded into the queries, d/S times cheaper than scaling the logits. */
export function scaled(x_BHTd: Tensor): Tensor {
  return tf.mul(x_BHTd, 1 / Math.sqrt(x_BHTd.shape.at(-1)!));
}

/** softmax(q·kᵀ·d^−½)·v. Nothing of size T×S lives on between forward and backward: the maps are formed again. */
export function attention(q_BHTd: Tensor4D, k_BHTd: Tensor4D, v_BHTd: Tensor4D): Tensor4D {
  return op({ q: q_BHTd, k: k_BHTd, v: v_BHTd }, {}) as Tensor4D;
}
