import type { Params, Rng, Tensor1D, Tensor4D } from '@hastejs/tensor';
import type { Repeatable } from './repeatable.js';
import type { StudentSpec } from './specs.js';
import type { Taps, TapValues } from './taps.js';

export interface StudentInput {
  /** Diffusion state xₜ, [B, C, H, W]. */
  readonly x_BCHW: Tensor4D;
  /** Diffusion time in [0, 1], [B]; 0 is data. */
  readonly t_B: Tensor1D;
  /** Class index, int32 [B]; `spec.classes` is the null class. */
  readonly y_B: Tensor1D;
}

export interface StudentOutput {
  /** Predicted velocity, [B, C, H, W]. */
  readonly velocity_BCHW: Tensor4D;
  readonly taps: TapValues;
}

/** A diffusion transformer as a pure function over named parameters. */
export interface Student extends Repeatable {
  readonly spec: StudentSpec;
  /** Parameters that never receive a gradient (fixed position tables). They are saved all the same. */
  readonly frozen: readonly string[];
  /** Fresh parameters under their released state-dict names. The caller owns the tensors. */
  init(rng: Rng): Params;
  forward(params: Params, input: StudentInput, taps: Taps): StudentOutput;
  /** The taps alone, running up to the last of them and no further. Absent: they are taken from a whole forward pass. */
  encode?(params: Params, input: StudentInput, taps: Taps): TapValues;
}
