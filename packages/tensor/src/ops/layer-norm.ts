// N rows (all leading axes), D width.
import { fusedOp } from '../fused-op.js';
import { type Tensor, tf } from '../tf.js';

interface LayerNormAttrs {
  readonly eps: number;
}

/** Mean and reciprocal deviation of every row: [N, 1] each. The variance is the biased one, as in PyTorch. */
export function rowStatistics(x_ND: Tensor, eps: number): { mean_N1: Tensor; rstd_N1: Tensor } {
  const mean_N1 = tf.mean(x_ND, -1, true);
  const variance_N1 = tf.mean(tf.squaredDifference(x_ND, mean_N1), -1, true);
  return { mean_N1, rstd_N1: tf.rsqrt(tf.add(variance_N1, eps)) };
}

/** Gradient of the normalisation alone: rstd·(g − mean(g) − x̂·mean(g·x̂)). */
export function normalizeGradient(g_ND: Tensor, xHat_ND: Tensor, rstd_N1: Tensor): Tensor {
  const meanG_N1 = tf.mean(g_ND, -1, true);
  const meanGX_N1 = tf.mean(tf.mul(g_ND, xHat_ND), -1, true);
  return tf.mul(rstd_N1, tf.sub(tf.sub(g_ND, meanG_N1), tf.mul(xHat_ND, meanGX_N1)));
}

/** Sums [..., D] over all rows: [D] */
const overRows = (x: Tensor): Tensor => tf.sum(tf.reshape(x, [-1, x.shape.at(-1)!]), 0);

const op = fusedOp<LayerNormAttrs, 'x', never, 'mean' | 'rstd', 'weight' | 'bias'>({
  kernel: 'HasteLayerNorm',
  inputs: ['x'],
  optional: ['weight', 'bias'],
  statistics: ['mean', 'rstd'],
  saves: ['x', 'weight', 'bias', 'mean', 'rstd'],
  forward: ({ x, weight, bias }, { eps }) => {
    const { mean_N1, rstd_N1 } = rowStatistics(x, eps);
    const xHat_ND = tf.mul(tf.sub(x, mean_N1), rstd_N1);
    const scaled_ND = weight ? tf.mul(xHat_ND, weight) : xHat_ND;
    return { out: bias ? tf.add(scaled_ND, bias) : scaled_ND, mean: mean_N1, rstd: rstd_N1 };
  },
  backward: ({ dy, x, weight, bias, mean, rstd }) => {
    const xHat_ND = tf.mul(tf.sub(x, mean), rstd);
    return {
      x: normalizeGradient(weight ? tf.mul(dy, weight) : dy, xHat_ND, rstd),
      ...(weight && { weight: overRows(tf.mul(dy, xHat_ND)) }),
      ...(bias && { bias: overRows(dy) }),
    };
  },
});

export interface LayerNormOptions {
  /** [D]; absent: no affine scale. */
  readonly weight?: Tensor | undefined;
  /** [D]; absent: no affine shift. */
  readonly bias?: Tensor | undefined;
  readonly eps: number;
}

/** Layer norm over the last axis, of any shape [..., D]: (x − mean)·rsqrt(var + eps)·weight + bias, var being biased. */
export function layerNorm(x: Tensor, { weight, bias, eps }: LayerNormOptions): Tensor {
  return op({ x, weight, bias }, { eps });
}
