import { type Tensor, tf } from './tf.js';

/**
 * Computes a constant of a loss: no gradient goes through it, and nothing of it is kept for one. Under a gradient tape, ops on
 * constants are recorded like any others, and their intermediate results stay alive until the forward pass has ended;
 * here only the result does.
 */
export function withoutGradient<T extends Tensor>(f: () => T): T {
  const op = tf.customGrad(() => ({ value: f(), gradFunc: () => [] }));
  return op() as T;
}
