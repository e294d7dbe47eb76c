// B batch, T tokens = h×w, D width, I and O inputs and outputs, k side of the kernel.
import type { TokenGrid } from '@hastejs/plugin-api';
import { type Params, type Rng, type Tensor3D, type Tensor4D, linear, tf, uniformTensor } from '@hastejs/tensor';

export interface ConvProjectorShape {
  /** Width of the student's tokens. */
  readonly from: number;
  /** Width of the teacher's tokens. */
  readonly to: number;
  /** Odd side of the kernel. */
  readonly kernel: number;
}

/**
 * Fresh weights of one convolution as PyTorch makes and names them: `weight` [O, I, k, k] and `bias` [O], both uniform in
 * ±1/√(I·k²).
 */
export function initConvProjector({ from, to, kernel }: ConvProjectorShape, rng: Rng): Params {
  const bound = 1 / Math.sqrt(from * kernel * kernel);
  return {
    weight: uniformTensor(rng.stream('weight'), [to, from, kernel, kernel], -bound, bound),
    bias: uniformTensor(rng.stream('bias'), [to], -bound, bound),
  };
}

/**
 * The convolution over the token grid, zeros around it: [B, T, I] → [B, T, O].
 *
 * It is a linear layer on neighbourhoods [B, T, k²·I], so that it runs on the linear kernels of every backend, in their
 * precision. At k = 3 these take the memory of the hidden layers of the MLP that it replaces.
 */
export function convolve({ weight, bias }: Params, h_BTD: Tensor3D, grid: TokenGrid): Tensor3D {
  const [O, I, k] = weight!.shape as [number, number, number, number];
  const weight_OK = tf.reshape(tf.transpose(weight!, [0, 2, 3, 1]), [O, k * k * I]);
  return linear(neighbourhoods(h_BTD, grid, k), weight_OK, bias!) as Tensor3D;
}

/** Every token with those around it, row by row: [B, T, k²·I]. */
function neighbourhoods(h_BTD: Tensor3D, { height, width }: TokenGrid, k: number): Tensor3D {
  const [B, T, D] = h_BTD.shape;
  const reach = (k - 1) / 2;
  const border: [number, number] = [reach, reach];
  const grid_BhwD = tf.reshape(h_BTD, [B, height, width, D]) as Tensor4D;
  const padded = tf.pad(grid_BhwD, [[0, 0], border, border, [0, 0]]);
  const shifted: Tensor4D[] = [];
  for (let row = 0; row < k; row++) {
    for (let column = 0; column < k; column++)
      shifted.push(tf.slice(padded, [0, row, column, 0], [B, height, width, D]));
  }
  return tf.reshape(tf.concat(shifted, 3), [B, T, k * k * D]);
}
