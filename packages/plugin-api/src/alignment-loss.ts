import type { Params, Rng, Scalar, Tensor3D } from '@hastejs/tensor';
import type { Repeatable } from './repeatable.js';
import type { StudentSpec, TeacherSpec } from './specs.js';
import type { QueryKey } from './taps.js';

export interface AlignmentSpecs {
  readonly student: StudentSpec;
  readonly teacher: TeacherSpec;
}

interface AlignmentLossBase extends Repeatable {
  /** Parameters the loss owns (a projector), by local name. They live and die with phase I. */
  init?(specs: AlignmentSpecs, rng: Rng): Params;
}

/** Compares tokens of one student block with tokens of one teacher block, on the same grid: [B, T, Dₛ] and [B, T, Dₜ]. */
export interface TokenAlignmentLoss extends AlignmentLossBase {
  readonly reads: 'tokens';
  loss(student_BTD: Tensor3D, teacher_BTD: Tensor3D, params: Params): Scalar;
  /**
   * What of the student's tokens is held against the teacher's, [B, T, Dₜ], for metrics that look at it. Absent: the tokens
   * themselves.
   */
  project?(student_BTD: Tensor3D, params: Params): Tensor3D;
}

/** Compares queries and keys of one student block with one teacher block: same B, H and T; head sizes may differ. */
export interface AttentionAlignmentLoss extends AlignmentLossBase {
  readonly reads: 'attention';
  loss(student: QueryKey, teacher: QueryKey, params: Params): Scalar;
}

/** One alignment loss for one pair of blocks; the session averages over pairs, weighs and sums. */
export type AlignmentLoss = TokenAlignmentLoss | AttentionAlignmentLoss;
