// B batch, T tokens, D width.
import { fusedOp } from '../fused-op.js';
import { type Scalar, type Tensor, type Tensor3D, tf } from '../tf.js';

/** PyTorch's F.normalize divides by max(‖x‖, 1e-12). */
const EPS = 1e-12;

const op = fusedOp<Record<never, never>, 'x', 'z'>({
  kernel: 'HasteNegativeCosine',
  inputs: ['x'],
  constants: ['z'],
  saves: ['x', 'z'],
  forward: ({ x, z }) => ({ out: tf.neg(tf.mean(tf.sum(tf.mul(unit(x).unit, unit(z).unit), -1))) }),
  backward: ({ dy, x, z }) => {
    const { unit: xHat, norm_BT1 } = unit(x);
    const zHat = unit(z).unit;
    // Below the floor the divisor is the constant eps, so no part of the gradient is projected out.
    const radial = tf.cast(tf.greater(norm_BT1, EPS), 'float32');
    const cos_BT1 = tf.mul(tf.sum(tf.mul(xHat, zHat), -1, true), radial);
    const perToken = tf.div(tf.neg(dy), x.size / x.shape.at(-1)!);
    return { x: tf.mul(tf.div(tf.sub(zHat, tf.mul(xHat, cos_BT1)), tf.maximum(norm_BT1, EPS)), perToken) };
  },
});

function unit(x_BTD: Tensor): { unit: Tensor; norm_BT1: Tensor } {
  const norm_BT1 = tf.sqrt(tf.sum(tf.square(x_BTD), -1, true));
  return { unit: tf.div(x_BTD, tf.maximum(norm_BT1, EPS)), norm_BT1 };
}

/** REPA's feature alignment (METHOD section 3): −mean over batch and tokens of cos(x, z). No gradient reaches z. */
export function negativeCosine(x_BTD: Tensor3D, z_BTD: Tensor3D): Scalar {
  if (!tf.util.arraysEqual(x_BTD.shape, z_BTD.shape)) {
    throw new Error(`negativeCosine: shapes [${x_BTD.shape.join(', ')}] and [${z_BTD.shape.join(', ')}] differ.`);
  }
  return op({ x: x_BTD, z: z_BTD }, {}) as Scalar;
}
