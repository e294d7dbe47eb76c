import type { Tensor4D } from '@hastejs/tensor';
import type { Repeatable } from './repeatable.js';
import type { TeacherSpec } from './specs.js';
import type { Taps, TapValues } from './taps.js';

/**
 * A frozen pretrained encoder. It does its own preprocessing (resize, normalisation), computes the taps asked for and
 * nothing after the last of them, and never takes part in differentiation.
 */
export interface TeacherEncoder extends Repeatable {
  readonly spec: TeacherSpec;
  /** @param images_BCHW raw pixels in [0, 255], float32, 1 or 3 channels. Runs inside the caller's tidy. */
  encode(images_BCHW: Tensor4D, taps: Taps): TapValues;
  /** Frees the weights. After it the teacher is never called again. */
  dispose(): void;
}
