// B batch, C channels, H×W pixels, p patch side, g×w token grid (g rows, w columns), T = g·w tokens, D width.
import { type Tensor, type Tensor3D, type Tensor4D, linear, tf } from '@hastejs/tensor';
import type { Lookup } from '../parameters.js';

/**
 * Cuts images into patches, row by row, each flattened as (C, p, p): [B, C, H, W] → [B, T, C·p·p]. Transposes of at
 * most four axes only: TensorFlow.js has slow generic loops beyond.
 */
export function patchify(x_BCHW: Tensor4D, patch: number): Tensor3D {
  const [B, C, H, W] = x_BCHW.shape;
  const [g, w] = [H / patch, W / patch];
  return tf.tidy(() => {
    const rows = tf.reshape(x_BCHW, [B * C * g, patch, w, patch]);
    const patches_BCTP = tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [B, C, g * w, patch * patch]);
    const ordered = C === 1 ? patches_BCTP : tf.transpose(patches_BCTP, [0, 2, 1, 3]);
    return tf.reshape(ordered, [B, g * w, C * patch * patch]);
  });
}

/** Puts SiT's output patches, each flattened as (p, p, C), back in place: [B, T, p·p·C] → [B, C, H, W]. */
export function unpatchify(x_BTP: Tensor3D, patch: number, grid: { height: number; width: number }): Tensor4D {
  const [B, T, P] = x_BTP.shape;
  const C = P / (patch * patch);
  return tf.tidy(() => {
    const patches_BTPC = tf.reshape(x_BTP, [B, T, patch * patch, C]);
    const byChannel = C === 1 ? patches_BTPC : tf.transpose(patches_BTPC, [0, 3, 1, 2]);
    const rows = tf.reshape(byChannel, [B * C * grid.height, grid.width, patch, patch]);
    return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [B, C, grid.height * patch, grid.width * patch]);
  });
}

/**
 * Patch embedding: the convolution with stride p and kernel p, as the linear layer that it is.
 * @param at finds `weight` [D, C, p, p] and, if there is one, `bias` [D].
 * @returns [B, T, D]
 */
export function embedPatches(at: Lookup, x_BCHW: Tensor4D, patch: number, bias = true): Tensor3D {
  return tf.tidy(() => {
    const weight: Tensor = at('weight');
    const weight_DP = tf.reshape(weight, [weight.shape[0]!, -1]);
    return linear(patchify(x_BCHW, patch), weight_DP, bias ? at('bias') : undefined) as Tensor3D;
  });
}
