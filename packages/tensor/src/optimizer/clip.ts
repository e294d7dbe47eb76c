import { hasKernel, runKernel } from '../kernels.js';
import { type Params, disposeParams, mapParams } from '../params.js';
import { type Scalar, type Tensor, tf } from '../tf.js';

/** √ Σ‖pᵢ‖² over all tensors. 0 for no tensors. */
export function globalNorm(params: Params): Scalar {
  return tf.tidy(() => {
    const squares = Object.values(params).map(sumOfSquares);
    return squares.length === 0 ? tf.scalar(0) : (tf.sqrt(tf.addN(squares)) as Scalar);
  });
}

function sumOfSquares(x: Tensor): Tensor {
  return hasKernel('HasteSumOfSquares') ? runKernel('HasteSumOfSquares', { x }, {})[0]! : tf.sum(tf.square(x));
}

/**
 * torch.nn.utils.clip_grad_norm_: every gradient times min(1, max / (norm + 1e-6)).
 * @param grads consumed.
 * @returns new gradients, and the norm before clipping.
 */
export function clipByGlobalNorm(grads: Params, max: number): { grads: Params; norm: Scalar } {
  const norm = globalNorm(grads);
  const clipped = tf.tidy(() => {
    const factor = tf.minimum(tf.div(max, tf.add(norm, 1e-6)), 1);
    return { ...mapParams(grads, (grad) => tf.mul(grad, factor)) };
  });
  disposeParams(grads);
  return { grads: clipped, norm };
}
