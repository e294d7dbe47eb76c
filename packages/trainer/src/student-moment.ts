import type { Student, StudentMoment } from '@hastejs/plugin-api';
import { type InterpolantName, interpolate } from '@hastejs/diffusion';
import { type Params, pickParams } from '@hastejs/tensor';
import type { TrainingBatch } from './objective.js';

/**
 * What a teacher that is the student itself may see of a step. Making it costs nothing: everything is computed when, and
 * only if, it is asked for.
 */
export function studentMoment(
  student: Student,
  path: InterpolantName,
  { params, ema }: { readonly params: Params; readonly ema: Params },
  { x0_BCHW, noise_BCHW, t_B, y_B }: TrainingBatch,
): StudentMoment {
  return {
    t_B,
    tapsAt: (cleaner_B, taps) => {
      // The average is of what is trained; position tables are not.
      const averaged = { ...pickParams(params, student.frozen), ...ema };
      const { x_BCHW } = interpolate(path, x0_BCHW, noise_BCHW, cleaner_B);
      const input = { x_BCHW, t_B: cleaner_B, y_B };
      return student.encode ? student.encode(averaged, input, taps) : student.forward(averaged, input, taps).taps;
    },
  };
}
