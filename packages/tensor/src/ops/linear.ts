// N rows (all leading axes), I inputs, O outputs.
import { fusedOp } from '../fused-op.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';

const op = fusedOp<Record<never, never>, 'x' | 'weight', never, never, 'bias'>({
  kernel: 'HasteLinear',
  inputs: ['x', 'weight'],
  optional: ['bias'],
  saves: ['x', 'weight', 'bias'],
  forward: ({ x, weight, bias }) => {
    const y_NO = tf.matMul(rows(x), weight as Tensor2D, false, true);
    return { out: tf.reshape(bias ? tf.add(y_NO, bias) : y_NO, [...x.shape.slice(0, -1), weight.shape[0]!]) };
  },
  backward: ({ dy, x, weight, bias }) => ({
    x: tf.reshape(tf.matMul(rows(dy), weight as Tensor2D), x.shape),
    weight: tf.matMul(rows(dy), rows(x), true, false),
    ...(bias && { bias: tf.sum(rows(dy), 0) }),
  }),
});

/** [..., I] → [N, I] */
const rows = (x: Tensor): Tensor2D => tf.reshape(x, [-1, x.shape.at(-1)!]);

/**
 * x·Wᵀ + b over the last axis: [..., I] → [..., O].
 * @param weight_OI PyTorch layout [O, I].
 * @throws Error when the last axis of x is not I, or the bias is not [O].
 */
export function linear(x: Tensor, weight_OI: Tensor, bias_O?: Tensor): Tensor {
  const [O, I] = weight_OI.shape as [number, number];
  if (weight_OI.rank !== 2 || x.shape.at(-1) !== I || (bias_O && (bias_O.rank !== 1 || bias_O.size !== O))) {
    const shapes = [x, weight_OI, ...(bias_O ? [bias_O] : [])].map(({ shape }) => `[${shape.join(', ')}]`);
    throw new Error(`linear: input, weight [out, in] and bias do not fit together: ${shapes.join(', ')}.`);
  }
  return op({ x, weight: weight_OI, bias: bias_O }, {});
}
