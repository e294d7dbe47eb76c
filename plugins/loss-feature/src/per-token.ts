// B batch, T tokens, D width.
import { type Tensor, type Tensor2D, type Tensor3D, tf } from '@hastejs/tensor';

/** As in `negativeCosine`: PyTorch's F.normalize divides by max(‖x‖, 1e-12). */
const LEAST_SQUARE = 1e-24;

/**
 * −cos(x, z) of every token, [B, T]: what `negativeCosine` is the mean of, for weights over tokens. A composition, and so
 * slower than the fused mean.
 */
export function negativeCosines(x_BTD: Tensor3D, z_BTD: Tensor3D): Tensor2D {
  const dot_BT = tf.sum(tf.mul(x_BTD, z_BTD), -1);
  return tf.neg(tf.div(dot_BT, tf.mul(norms(x_BTD), norms(z_BTD))));
}

function norms(x_BTD: Tensor3D): Tensor {
  return tf.sqrt(tf.maximum(tf.sum(tf.square(x_BTD), -1), LEAST_SQUARE));
}
