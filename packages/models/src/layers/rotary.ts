// B batch, H heads, N = P + T tokens (P without a place), T patch tokens, d head size.
import { type TokenGrid, gridTokens } from '@hastejs/plugin-api';
import { type Tensor2D, type Tensor4D, tf } from '@hastejs/tensor';

/** A rotation of every token's channel pairs (i, i + d/2): cosines, and sines with the sign of their half. */
export interface Rotation {
  readonly cos_Nd: Tensor2D;
  readonly sin_Nd: Tensor2D;
}

/**
 * Axial rotary positions as DINOv3 has them: the centre of a patch in [−1, 1] along each axis, times 2π·θ^(−4k/d) for
 * k < d/4; the first d/4 angles are the row's, the next the column's, and both halves of the channels share them. The
 * `prefix` tokens stay as they are. Any grid gives angles of the same range. Computed in float64.
 * @param d divisible by 4.
 */
export function rotation(d: number, grid: TokenGrid, prefix: number, theta: number): Rotation {
  const [half, quarter] = [d / 2, d / 4];
  const N = prefix + gridTokens(grid);
  const cos = new Float32Array(N * d).fill(1, 0, prefix * d);
  const sin = new Float32Array(N * d);
  for (let token = prefix; token < N; token++) {
    const [row, column] = [Math.floor((token - prefix) / grid.width), (token - prefix) % grid.width];
    const centres = [(2 * row + 1) / grid.height - 1, (2 * column + 1) / grid.width - 1] as const;
    for (let i = 0; i < half; i++) {
      const angle = 2 * Math.PI * centres[i < quarter ? 0 : 1] * theta ** (-(i % quarter) / quarter);
      const at = token * d + i;
      cos[at] = cos[at + half] = Math.cos(angle);
      sin[at + half] = Math.sin(angle);
      sin[at] = -sin[at + half]!;
    }
  }
  return { cos_Nd: tf.tensor2d(cos, [N, d]), sin_Nd: tf.tensor2d(sin, [N, d]) };
}

/** (a, b) → (a·cos − b·sin, b·cos + a·sin) for the two halves a, b of the last axis. */
export function rotate(x_BHNd: Tensor4D, { cos_Nd, sin_Nd }: Rotation): Tensor4D {
  return tf.tidy(() => {
    const [a, b] = tf.split(x_BHNd, 2, -1);
    return tf.add(tf.mul(x_BHNd, cos_Nd), tf.mul(tf.concat([b!, a!], -1), sin_Nd));
  });
}
