// B batch, T tokens, D width.
import { fusedOp } from '../fused-op.js';
import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../tf.js';
import { normalizeGradient, rowStatistics } from './layer-norm.js';

interface ModulateAttrs {
  readonly eps: number;
}

/** [B, D] → [B, 1, D], to act on every token. */
const overTokens = (x_BD: Tensor): Tensor => tf.expandDims(x_BD, 1);

const op = fusedOp<ModulateAttrs, 'x' | 'shift' | 'scale', never, 'mean' | 'rstd'>({
  kernel: 'HasteLayerNormModulate',
  inputs: ['x', 'shift', 'scale'],
  statistics: ['mean', 'rstd'],
  saves: ['x', 'scale', 'mean', 'rstd'],
  forward: ({ x, shift, scale }, { eps }) => {
    const { mean_N1, rstd_N1 } = rowStatistics(x, eps);
    const xHat_BTD = tf.mul(tf.sub(x, mean_N1), rstd_N1);
    const out = tf.add(tf.mul(xHat_BTD, overTokens(tf.add(scale, 1))), overTokens(shift));
    return { out, mean: mean_N1, rstd: rstd_N1 };
  },
  backward: ({ dy, x, scale, mean, rstd }) => {
    const xHat_BTD = tf.mul(tf.sub(x, mean), rstd);
    return {
      x: normalizeGradient(tf.mul(dy, overTokens(tf.add(scale, 1))), xHat_BTD, rstd),
      shift: tf.sum(dy, 1),
      scale: tf.sum(tf.mul(dy, xHat_BTD), 1),
    };
  },
});

/**
 * The adaLN step: layer norm without affine, then x̂·(1 + scale) + shift, the same for every token of an image.
 * @param eps SiT's 1e-6 by default.
 */
export function layerNormModulate(x_BTD: Tensor3D, shift_BD: Tensor, scale_BD: Tensor, eps = 1e-6): Tensor3D {
  return op({ x: x_BTD, shift: shift_BD as Tensor2D, scale: scale_BD as Tensor2D }, { eps }) as Tensor3D;
}
