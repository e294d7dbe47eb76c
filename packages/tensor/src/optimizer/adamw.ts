import { type Tensor, tf } from '../tf.js';

export interface AdamWUpdate {
  /** Consumed. */
  readonly param: Tensor;
  readonly grad: Tensor;
  /** First moment. Consumed. */
  readonly m: Tensor;
  /** Second moment. Consumed. */
  readonly v: Tensor;
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** 0-based index of this step: the bias correction of step k uses k + 1. */
  readonly step: number;
}

export interface AdamWResult {
  readonly param: Tensor;
  readonly m: Tensor;
  readonly v: Tensor;
}

/** torch.optim.AdamW for one tensor: decoupled decay first, eps outside the root, bias corrected from the integer step. */
export function adamwUpdate(update: AdamWUpdate): AdamWResult {
  const { param, grad, m, v, beta1, beta2 } = update;
  const result = tf.tidy(() => {
    const nextM = tf.add(m, tf.mul(tf.sub(grad, m), 1 - beta1));
    const nextV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(grad), 1 - beta2));
    const correction1 = 1 - beta1 ** (update.step + 1);
    const correction2 = 1 - beta2 ** (update.step + 1);
    const denominator = tf.add(tf.div(tf.sqrt(nextV), Math.sqrt(correction2)), update.eps);
    const decayed = tf.mul(param, 1 - update.lr * update.weightDecay);
    const next = tf.sub(decayed, tf.mul(tf.div(nextM, denominator), update.lr / correction1));
    return { param: next, m: nextM, v: nextV };
  });
  tf.dispose([param, m, v]);
  return result;
}
