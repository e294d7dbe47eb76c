// B batch, T tokens, D width, H heads, d = D / H, n projections (query, key, value).
import { type Tensor3D, type Tensor4D, tf } from '../tf.js';

/**
 * [B, T, n·H·d] → n × [B, H, T, d]. Split first, into runs of D floats, then transposed on four axes: slices and transposes
 * are views on some backends, and the usual transpose of five axes is slow on others.
 */
export function splitHeads(x_BTnD: Tensor3D, n: number, heads: number): Tensor4D[] {
  const [B, T, nD] = x_BTnD.shape;
  return tf.tidy(() => {
    const flat = tf.reshape(x_BTnD, [B * T, nD]);
    // The gradient of TensorFlow.js's split needs several parts.
    const parts = n === 1 ? [flat] : tf.split(flat, n, 1);
    return parts.map((part) => tf.transpose(tf.reshape(part, [B, T, heads, nD / (n * heads)]), [0, 2, 1, 3]));
  });
}

/** [B, H, T, d] → [B, T, H·d] */
export function mergeHeads(y_BHTd: Tensor4D): Tensor3D {
  const [B, H, T, d] = y_BHTd.shape;
  return tf.tidy(() => tf.reshape(tf.transpose(y_BHTd, [0, 2, 1, 3]), [B, T, H * d]));
}
