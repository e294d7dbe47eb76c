// B batch, T tokens, D width.
import { fusedOp } from '../fused-op.js';
import { type Tensor, type Tensor3D, tf } from '../tf.js';

const op = fusedOp<Record<never, never>, 'x' | 'gate' | 'y0'>({
  kernel: 'HasteGatedAdd',
  inputs: ['x', 'gate', 'y0'],
  saves: ['gate', 'y0'],
  forward: ({ x, gate, y0 }) => ({ y: tf.add(x, tf.mul(tf.expandDims(gate, 1), y0)) }),
  backward: ({ dy, gate, y0 }) => ({
    x: dy,
    gate: tf.sum(tf.mul(dy, y0), 1),
    y0: tf.mul(dy, tf.expandDims(gate, 1)),
  }),
});

/** The gated residual of adaLN-Zero: x + gate·y, the gate being the same for every token of an image. */
export function gatedAdd(x_BTD: Tensor3D, gate_BD: Tensor, y_BTD: Tensor3D): Tensor3D {
  return op({ x: x_BTD, gate: gate_BD, y0: y_BTD }, {}) as Tensor3D;
}
