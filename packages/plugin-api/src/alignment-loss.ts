// B batch, T tokens, D width (Dₛ the student's, Dₜ the teacher's).
import type { Params, Rng, Scalar, Tensor2D, Tensor3D } from '@hastejs/tensor';
import type { Repeatable } from './repeatable.js';
import type { StudentSpec, TeacherSpec } from './specs.js';
import type { QueryKey, TapValues, Taps } from './taps.js';

export interface AlignmentSpecs {
  readonly student: StudentSpec;
  readonly teacher: TeacherSpec;
}

interface AlignmentLossBase<Specs> extends Repeatable {
  /** Parameters the loss owns (a projector), by local name. They live and die with phase I. */
  init?(specs: Specs, rng: Rng): Params;
  /**
   * States that the loss compares samples of a batch with each other, so that it is no mean over samples. A weight that
   * depends on the samples' diffusion times is refused for it, since it would take batches apart. Absent or false: the mean
   * over a batch is the mean over its parts.
   */
  readonly couplesSamples?: boolean;
}

/** Compares tokens of one student block with tokens of one teacher block, on the same grid: [B, T, Dₛ] and [B, T, Dₜ]. */
export interface TokenAlignmentLoss extends AlignmentLossBase<AlignmentSpecs> {
  readonly reads: 'tokens';
  /** @param guide what `guides` asked for; absent where it asked for nothing. */
  loss(student_BTD: Tensor3D, teacher_BTD: Tensor3D, params: Params, guide?: TapValues): Scalar;
  /**
   * What of the student's tokens is held against the teacher's, [B, T, Dₜ], for metrics that look at it. Absent: the tokens
   * themselves. Null: tokens are not held against each other one by one.
   */
  readonly project?: ((student_BTD: Tensor3D, params: Params) => Tensor3D) | null;
  /** What they are held against, for the same metrics. Absent: the teacher's tokens themselves. */
  target?(teacher_BTD: Tensor3D): Tensor3D;
  /**
   * The loss of every token, [B, T], for what weighs tokens: its mean over both axes is `loss`. Absent: the loss is no mean
   * over tokens, or does not say.
   */
  perToken?(student_BTD: Tensor3D, teacher_BTD: Tensor3D, params: Params, guide?: TapValues): Tensor2D;
  /** More of the teacher that the loss looks at, whatever the pair: it comes with the same samples, on the student's grid. */
  guides?(teacher: TeacherSpec): Taps;
}

/** Compares queries and keys of one student block with one teacher block: same B, H and T; head sizes may differ. */
export interface AttentionAlignmentLoss extends AlignmentLossBase<AlignmentSpecs> {
  readonly reads: 'attention';
  loss(student: QueryKey, teacher: QueryKey, params: Params): Scalar;
}

/**
 * Looks at the tokens of one student block, [B, T, Dₛ], and at nothing else: no teacher is needed for it, and none runs. The
 * blocks are those of `TargetLayers.blocks`.
 */
export interface StudentLoss extends AlignmentLossBase<Pick<AlignmentSpecs, 'student'>> {
  readonly reads: 'student';
  loss(student_BTD: Tensor3D, params: Params): Scalar;
}

/**
 * One loss of phase I, for one pair of blocks, or for one block where no teacher takes part; the session averages over pairs,
 * weighs and sums.
 */
export type AlignmentLoss = TokenAlignmentLoss | AttentionAlignmentLoss | StudentLoss;
