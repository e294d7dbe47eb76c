// N rows (all leading axes), I inputs, O outputs.
import { fusedOp } from '../fused-op.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';

const op = fusedOp<Record<never, never>, 'x' | 'weight', never, never, 'bias'>({
  kernel: 'HasteLinear',
  inputs: ['x', 'weight'],
  optional: ['bias'],
  saves: ['x', 'weight', 'bias'],
  forward: ({ x, weight, bias }) => {
    const y_NO = tf.matMul(x as Tensor2D, weight as Tensor2D, false, true);
    return { out: bias ? tf.add(y_NO, bias) : y_NO };
  },
  backward: ({ dy, x, weight, bias }) => ({
    x: tf.matMul(dy as Tensor2D, weight as Tensor2D),
    weight: tf.matMul(dy as Tensor2D, x as Tensor2D, true, false),
    ...(bias && { bias: tf.sum(dy, 0) }),
  }),
});

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
  return tf.tidy(() => {
    const y_NO = op({ x: tf.reshape(x, [-1, I]), weight: weight_OI, bias: bias_O }, {});
    return tf.reshape(y_NO, [...x.shape.slice(0, -1), O]);
  });
}
