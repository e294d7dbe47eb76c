// B batch, T tokens, D width.
import { fusedOp } from '../fused-op.js';
import { type Tensor, type Tensor3D, tf } from '../tf.js';

const op = fusedOp<Record<never, never>, 'x' | 'gate' | 'y'>({
  kernel: 'HasteGatedAdd',
  inputs: ['x', 'gate', 'y'],
  saves: ['gate', 'y'],
  forward: ({ x, gate, y }) => ({ out: tf.add(x, tf.mul(tf.expandDims(gate, 1), y)) }),
  backward: ({ dy, gate, y }) => ({
    x: dy,
    gate: tf.sum(tf.mul(dy, y), 1),
    y: tf.mul(dy, tf.expandDims(gate, 1)),
  }),
});

/** The gated residual of adaLN-Zero: x + gate·y, the gate being the same for every token of an image. */
export function gatedAdd(x_BTD: Tensor3D, gate_BD: Tensor, y_BTD: Tensor3D): Tensor3D {
  return op({ x: x_BTD, gate: gate_BD, y: y_BTD }, {}) as Tensor3D;
}
