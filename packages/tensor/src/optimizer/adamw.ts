import type { AdamWAttrs } from '../kernel-contracts.js';
import { hasKernel, runKernel } from '../kernels.js';
import { type Tensor, tf } from '../tf.js';

export interface AdamWResult {
  readonly param: Tensor;
  /** First moment. */
  readonly m: Tensor;
  /** Second moment. */
  readonly v: Tensor;
}

export interface AdamWUpdate extends AdamWAttrs, AdamWResult {
  readonly grad: Tensor;
}

/**
 * torch.optim.AdamW for one tensor: decoupled decay first, eps outside the root, bias corrected from the integer step.
 * @param update param, m and v are consumed; grad is not. `step` is 0-based.
 */
export function adamwUpdate({ param, grad, m, v, ...attrs }: AdamWUpdate): AdamWResult {
  const tensors = { param, grad, m, v };
  const result = hasKernel('HasteAdamW') ? fused(tensors, attrs) : tf.tidy(() => ({ ...reference(tensors, attrs) }));
  tf.dispose([param, m, v]);
  return result;
}

type Tensors = AdamWResult & { readonly grad: Tensor };

function fused(tensors: Tensors, attrs: AdamWAttrs): AdamWResult {
  const [param, m, v] = runKernel('HasteAdamW', { ...tensors }, attrs);
  return { param: param!, m: m!, v: v! };
}

function reference({ param, grad, m, v }: Tensors, attrs: AdamWAttrs): AdamWResult {
  const { lr, beta1, beta2, eps, weightDecay, step } = attrs;
  const nextM = tf.add(m, tf.mul(tf.sub(grad, m), 1 - beta1));
  const nextV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(grad), 1 - beta2));
  const correction1 = 1 - beta1 ** (step + 1);
  const correction2 = 1 - beta2 ** (step + 1);
  const denominator = tf.add(tf.div(tf.sqrt(nextV), Math.sqrt(correction2)), eps);
  const decayed = tf.mul(param, 1 - lr * weightDecay);
  return { param: tf.sub(decayed, tf.mul(tf.div(nextM, denominator), lr / correction1)), m: nextM, v: nextV };
}
