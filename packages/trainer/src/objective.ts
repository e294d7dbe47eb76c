import { NO_TAPS, type Student } from '@hastejs/plugin-api';
import { type InterpolantName, interpolate, velocityLoss } from '@hastejs/diffusion';
import { type Params, type Scalar, type Tensor1D, type Tensor4D, tf } from '@hastejs/tensor';
import type { Alignment } from './alignment.js';
import type { TeacherValues } from './encode-teacher.js';
import type { WeightMoment } from './term-weight.js';

// B batch, C channels, H height, W width.

/** One batch with its draws, on the backend. */
export interface TrainingBatch {
  /** Raw pixels in [0, 255], [B, C, H, W]. */
  readonly images_BCHW: Tensor4D;
  /** Clean sample x₀ in [−1, 1], [B, C, H, W]. */
  readonly x0_BCHW: Tensor4D;
  /** ε ~ N(0, 1), like x₀. */
  readonly noise_BCHW: Tensor4D;
  /** Diffusion time, [B]. */
  readonly t_B: Tensor1D;
  /** Class after label dropout, int32 [B]. */
  readonly y_B: Tensor1D;
  /** What was read ahead for teachers that answer by data item. */
  readonly fetched?: TeacherValues | undefined;
}

/** The first step, on no ramp. */
const AT_FIRST: WeightMoment = { step: 0, factor: 1 };

/** Unweighted losses by name: `denoise` and every alignment term. */
export type LossTerms = Readonly<Record<string, Scalar>>;

/** L_denoise and the terms of the alignment, if there is one (METHOD sections 1 and 3). Pure; gradients may be taken. */
export function lossTerms(
  student: Student,
  path: InterpolantName,
  params: Params,
  batch: TrainingBatch,
  alignment: { session: Alignment; teachers: TeacherValues } | null,
  taps = alignment?.session.taps ?? NO_TAPS,
): LossTerms {
  const { x_BCHW, target_BCHW } = interpolate(path, batch.x0_BCHW, batch.noise_BCHW, batch.t_B);
  const output = student.forward(params, { x_BCHW, t_B: batch.t_B, y_B: batch.y_B }, taps);
  const denoise = velocityLoss(output.velocity_BCHW, target_BCHW);
  return alignment
    ? { denoise, ...alignment.session.losses(output.taps, alignment.teachers, params, batch.t_B) }
    : { denoise };
}

/** Σ λ·L_term: what alignment adds to the loss in a step. */
export function alignmentLoss(terms: LossTerms, alignment: Alignment, moment: WeightMoment): Scalar {
  return tf.addN(alignment.termNames.map((name) => tf.mul<Scalar>(terms[name]!, alignment.weight(name, moment))));
}

/**
 * L = L_denoise + Σ λ·L_term (paper equation 7).
 * @param lambda weight of a term; default: that of the first step.
 */
export function totalLoss(
  terms: LossTerms,
  alignment: Alignment | null,
  lambda: (name: string) => Scalar | number = (name) => alignment!.weight(name, AT_FIRST),
): Scalar {
  return (alignment?.termNames ?? []).reduce<Scalar>(
    (sum, name) => tf.add(sum, tf.mul(terms[name]!, lambda(name))),
    terms['denoise']!,
  );
}
