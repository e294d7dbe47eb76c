// B batch, C channels, H height, W width.
import type { PathCoefficients } from '@hastejs/plugin-api';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '@hastejs/tensor';

export type InterpolantName = 'linear' | 'cosine';

/** αₜ, σₜ and their derivatives at one time, in float64 (METHOD section 1; SiT, section 2.1). */
export function pathCoefficients(path: InterpolantName, t: number): PathCoefficients {
  if (path === 'linear') return { alpha: 1 - t, sigma: t, dAlpha: -1, dSigma: 1 };
  const angle = (Math.PI / 2) * t;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { alpha: cos, sigma: sin, dAlpha: (-Math.PI / 2) * sin, dSigma: (Math.PI / 2) * cos };
}

export interface Interpolated {
  /** xₜ = αₜ·x₀ + σₜ·ε, what the model sees. */
  readonly x_BCHW: Tensor4D;
  /** v = α̇ₜ·x₀ + σ̇ₜ·ε, what it should answer. */
  readonly target_BCHW: Tensor4D;
}

/**
 * The noisy state and its velocity, each image at its own time.
 * @param t_B in [0, 1]; 0 is data.
 */
export function interpolate(
  path: InterpolantName,
  x0_BCHW: Tensor4D,
  noise_BCHW: Tensor4D,
  t_B: Tensor1D,
): Interpolated {
  return tf.tidy(() => {
    const t_B111 = tf.reshape(t_B, [-1, 1, 1, 1]);
    if (path === 'linear') {
      const x_BCHW = tf.add(tf.mul(tf.sub(1, t_B111), x0_BCHW), tf.mul(t_B111, noise_BCHW));
      return { x_BCHW, target_BCHW: tf.sub(noise_BCHW, x0_BCHW) };
    }
    const angle = tf.mul(t_B111, Math.PI / 2);
    const [cos, sin] = [tf.cos(angle), tf.sin(angle)];
    const x_BCHW = tf.add(tf.mul(cos, x0_BCHW), tf.mul(sin, noise_BCHW));
    const turned: Tensor = tf.sub(tf.mul(cos, noise_BCHW), tf.mul(sin, x0_BCHW));
    return { x_BCHW, target_BCHW: tf.mul(turned, Math.PI / 2) };
  }) as Interpolated;
}
