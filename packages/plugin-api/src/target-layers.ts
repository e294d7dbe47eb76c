import type { AlignmentSpecs } from './alignment-loss.js';
import type { StudentSpec } from './specs.js';
import type { TokenSite } from './taps.js';

/** One student block that learns from one teacher block. Blocks are 0-based. */
export interface LayerPair {
  readonly student: number;
  readonly teacher: TokenSite;
  /** Head pairs [student, teacher] for attention; default: the first min(Hₛ, Hₜ) heads of both, in order. */
  readonly heads?: readonly (readonly [student: number, teacher: number])[];
}

/** Which student block learns from which teacher block. */
export interface TargetLayers {
  select(specs: AlignmentSpecs): readonly LayerPair[];
  /** The student's blocks for a loss that looks at the student alone. Absent: the selector is about pairs only. */
  blocks?(student: StudentSpec): readonly number[];
  /** What to do when the token grids differ: resample the teacher's tokens to the student's grid, or refuse. */
  readonly grids: 'refuse' | 'resample';
}
