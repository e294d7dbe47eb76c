import { fusedOp } from '../fused-op.js';
import { type Tensor, tf } from '../tf.js';

/** `tanh` is the approximation that SiT and most transformers train with; `erf` is the exact form of the DINO family. */
export type GeluForm = 'tanh' | 'erf';

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const geluOp = fusedOp<{ form: GeluForm }, 'x'>({
  kernel: 'HasteGelu',
  inputs: ['x'],
  saves: ['x'],
  forward: ({ x }, { form }) => ({ out: tf.mul(x, gateOf(x, form)) }),
  backward: ({ dy, x }, { form }) => ({ x: tf.mul(dy, form === 'tanh' ? tanhSlope(x) : erfSlope(x)) }),
});

/** GELU: x·Φ(x), with Φ by the error function or by its tanh approximation. Any shape. */
export function gelu<T extends Tensor>(x: T, form: GeluForm): T {
  return geluOp({ x }, { form }) as T;
}

/** Φ(x), the share of x that passes. */
function gateOf(x: Tensor, form: GeluForm): Tensor {
  const inner = form === 'tanh' ? tf.tanh(tanhArgument(x)) : tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.mul(tf.add(inner, 1), 0.5);
}

function tanhArgument(x: Tensor): Tensor {
  return tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC), 1)), SQRT_2_OVER_PI);
}

/** d/dx of 0.5·x·(1 + tanh u): 0.5·(1 + tanh u) + 0.5·x·(1 − tanh² u)·u′. */
function tanhSlope(x: Tensor): Tensor {
  const t = tf.tanh(tanhArgument(x));
  const du = tf.mul(tf.add(tf.mul(tf.square(x), 3 * CUBIC), 1), SQRT_2_OVER_PI);
  return tf.mul(tf.add(tf.add(t, 1), tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), du)), 0.5);
}

/** d/dx of x·Φ(x): Φ(x) + x·φ(x). */
function erfSlope(x: Tensor): Tensor {
  const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return tf.add(gateOf(x, 'erf'), tf.mul(x, density));
}

const siluOp = fusedOp<Record<never, never>, 'x'>({
  kernel: 'HasteSilu',
  inputs: ['x'],
  saves: ['x'],
  forward: ({ x }) => ({ out: tf.mul(x, tf.sigmoid(x)) }),
  backward: ({ dy, x }) => {
    const s = tf.sigmoid(x);
    return { x: tf.mul(dy, tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1))) };
  },
});

/** SiLU: x·sigmoid(x). Any shape. */
export function silu<T extends Tensor>(x: T): T {
  return siluOp({ x }, {}) as T;
}

/** The slope that makes a logistic function resemble the normal distribution's (Hendrycks and Gimpel 2016). */
const QUICK = 1.702;

/**
 * CLIP's "quick" GELU: x·sigmoid(1.702·x), as silu(1.702·x) / 1.702, so that a backend's fused SiLU and its gradient serve
 * it: two cheap products more instead of another kernel on every backend. Any shape.
 */
export function quickGelu<T extends Tensor>(x: T): T {
  return tf.tidy(() => tf.mul(silu(tf.mul(x, QUICK)), 1 / QUICK) as T);
}
