// B batch, C channels, H height, W width.
import { type Scalar, type Tensor1D, type Tensor4D, tf } from '@hastejs/tensor';

/** Squared error of every image: mean over all axes but the batch of (v̂ − v)². [B] */
export function velocityErrors(predicted_BCHW: Tensor4D, target_BCHW: Tensor4D): Tensor1D {
  return tf.tidy(() => tf.mean(tf.squaredDifference(predicted_BCHW, target_BCHW), [1, 2, 3]));
}

/** L_denoise (METHOD section 1): the mean of every image's error over the batch. */
export function velocityLoss(predicted_BCHW: Tensor4D, target_BCHW: Tensor4D): Scalar {
  return tf.tidy(() => tf.mean(velocityErrors(predicted_BCHW, target_BCHW)));
}
