import { hasKernel, runKernel } from '../kernels.js';
import { type Params, disposeParams, mapParams } from '../params.js';
import { type Scalar, type Tensor, tf } from '../tf.js';

/** √ Σ‖pᵢ‖² over all tensors. 0 for no tensors. */
export function globalNorm(params: Params): Scalar {
  const tensors = Object.values(params);
  if (tensors.length === 0) return tf.scalar(0);
  if (hasKernel('HasteGlobalNorm')) return runKernel('HasteGlobalNorm', { x: tensors }, {})[0] as Scalar;
  return tf.tidy(() => tf.sqrt(tf.addN(tensors.map((x) => tf.sum(tf.square(x)))))) as Scalar;
}

/**
 * torch.nn.utils.clip_grad_norm_: every gradient times min(1, max / (norm + 1e-6)).
 * @param grads consumed.
 * @returns new gradients, and the norm before clipping.
 */
export function clipByGlobalNorm(grads: Params, max: number): { grads: Params; norm: Scalar } {
  const norm = globalNorm(grads);
  const factor = tf.tidy(() => tf.minimum(tf.div(max, tf.add(norm, 1e-6)), 1)) as Scalar;
  const clipped = scale(grads, factor);
  disposeParams(grads);
  factor.dispose();
  return { grads: clipped, norm };
}

function scale(params: Params, factor: Scalar): Params {
  const names = Object.keys(params);
  if (names.length === 0 || !hasKernel('HasteScale')) return mapParams(params, (x) => tf.mul<Tensor>(x, factor));
  const scaled = runKernel('HasteScale', { x: Object.values(params), factor }, {});
  return Object.fromEntries(names.map((name, i) => [name, scaled[i]!]));
}
