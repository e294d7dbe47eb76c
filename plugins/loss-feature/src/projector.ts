import { type Params, type Rng, type Tensor, type Tensor3D, linear, silu, tf, uniformTensor } from '@hastejs/tensor';

// B batch, T tokens, D width, I and O inputs and outputs of a linear layer.

export interface ProjectorShape {
  /** Width of the student's tokens. */
  readonly from: number;
  readonly hidden: number;
  /** Width of the teacher's tokens. */
  readonly to: number;
}

/**
 * Fresh projector weights under the released names (`0.weight`, `0.bias`, `2.…`, `4.…`: the odd indices are the
 * activations). Xavier-uniform weights [O, I], zero biases, as every other linear layer of the student.
 */
export function initProjector({ from, hidden, to }: ProjectorShape, rng: Rng): Params {
  const layers: [name: string, O: number, I: number][] = [
    ['0', hidden, from],
    ['2', hidden, hidden],
    ['4', to, hidden],
  ];
  const params: Record<string, Tensor> = {};
  for (const [name, O, I] of layers) {
    const bound = Math.sqrt(6 / (I + O));
    params[`${name}.weight`] = uniformTensor(rng.stream(name), [O, I], -bound, bound);
    params[`${name}.bias`] = tf.zeros([O]);
  }
  return params;
}

/** Linear → SiLU → Linear → SiLU → Linear, token by token: [B, T, Dₛ] → [B, T, Dₜ]. */
export function project(params: Params, h_BTD: Tensor3D): Tensor3D {
  const layer = (name: string, x: Tensor) => linear(x, params[`${name}.weight`]!, params[`${name}.bias`]!);
  return layer('4', silu(layer('2', silu(layer('0', h_BTD))))) as Tensor3D;
}
