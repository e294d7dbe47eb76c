// B batch, F = floor(size / 2) frequencies.
import { type Tensor1D, type Tensor2D, linear, silu, tf } from '@hastejs/tensor';
import type { Lookup } from '../parameters.js';

const MAX_PERIOD = 10_000;

/** Number of sinusoids that SiT feeds to its timestep MLP. */
export const TIMESTEP_SINUSOIDS = 256;

/**
 * Sinusoids of the diffusion time: cosines, then sines, with periods from 2π to 2π·10⁴; an odd size ends in a column of
 * zeros. Time is used as it is, in [0, 1]. [B] → [B, size]
 */
export function sinusoids(t_B: Tensor1D, size: number, frequencies_F = timestepFrequencies(size)): Tensor2D {
  return tf.tidy(() => {
    const angles_BF = tf.mul(tf.expandDims(t_B, 1), tf.expandDims(tf.tensor1d(frequencies_F), 0));
    const columns = [tf.cos(angles_BF), tf.sin(angles_BF)];
    return tf.concat(size % 2 === 0 ? columns : [...columns, tf.zeros([t_B.size, 1])], 1) as Tensor2D;
  });
}

/** 10⁴^(−k/F), each step rounded to float32 as the released code does it: at large t the rounding shows. */
export function timestepFrequencies(size: number): Float32Array {
  const F = Math.floor(size / 2);
  const slope = Math.fround(-Math.log(MAX_PERIOD));
  return Float32Array.from({ length: F }, (_, k) => Math.exp(Math.fround(Math.fround(slope * k) / F)));
}

/** Sinusoids → Linear → SiLU → Linear: [B] → [B, D]. `at` finds `mlp.0` and `mlp.2`. */
export function embedTimesteps(at: Lookup, t_B: Tensor1D): Tensor2D {
  return tf.tidy(() => {
    const hidden = linear(sinusoids(t_B, TIMESTEP_SINUSOIDS), at('mlp.0.weight'), at('mlp.0.bias'));
    return linear(silu(hidden), at('mlp.2.weight'), at('mlp.2.bias')) as Tensor2D;
  });
}
