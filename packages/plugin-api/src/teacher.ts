import type { Tensor1D, Tensor4D } from '@hastejs/tensor';
import type { BatchItems } from './dataset.js';
import type { Repeatable } from './repeatable.js';
import type { TeacherSpec } from './specs.js';
import type { Taps, TapValues } from './taps.js';
import type { TapData } from './tap-data.js';

// B batch, C channels, H height, W width.

/**
 * A frozen pretrained encoder. It does its own preprocessing (resize, normalisation), computes the taps asked for and
 * nothing after the last of them, and never takes part in differentiation.
 *
 * An ordinary teacher sees pixels and nothing else. Two other kinds say what they need, and nobody pays for it unless one
 * of them is there: `items` answers by data item, from what `fetch` read ahead; `student` is the student itself.
 */
export interface TeacherEncoder extends Repeatable {
  readonly spec: TeacherSpec;
  /** What the answers come from. Absent: pixels alone, so that the same image always has the same answer. */
  readonly needs?: 'items' | 'student';
  /**
   * @param images_BCHW raw pixels in [0, 255], float32, 1 or 3 channels. Runs inside the caller's tidy.
   * @param context given in a run; a teacher of pixels may be called without.
   */
  encode(images_BCHW: Tensor4D, taps: Taps, context?: EncodeContext): TapValues;
  /**
   * With `needs: 'items'`: reads what is kept of these items into host memory, some steps ahead of `encode` and beside the
   * training. It touches no tensor.
   */
  fetch?(items: BatchItems, taps: Taps): Promise<TapData>;
  /** Frees the weights. After it the teacher is never called again. */
  dispose(): void;
}

/** What a teacher may know of a step besides the pixels. Nothing in it is computed before it is asked for. */
export interface EncodeContext {
  /** 0-based index of the step: draw random numbers `at(step)`, and a resumed run draws the same. */
  readonly step: number;
  readonly student: StudentMoment;
  /** What the teacher's own `fetch` gave for this batch, on the backend as float32. The caller's: answer with clones of it. */
  readonly fetched?: TapValues;
}

/** The student's moving average before this step, and the batch that the student is about to see. */
export interface StudentMoment {
  /** Times at which the student sees the batch, [B]; 0 is data. */
  readonly t_B: Tensor1D;
  /**
   * Taps of the moving average on the same images, noise and labels at other times. Runs up to the last tap. The tensors
   * are the caller's tidy's, and no gradient goes through them.
   */
  tapsAt(t_B: Tensor1D, taps: Taps): TapValues;
}
