// B batch, T tokens, D width.
import type { ComparedPair, StudentSpec, TapValues, TeacherSpec } from '@hastejs/plugin-api';
import { resampleTokens } from '@hastejs/models';
import type { PlannedPair, TermPlan } from './alignment-plan.js';
import { resampleAttention, selectHeads } from './tap-pairs.js';
import { type BandSamples, pickQueryKey, pickTokens } from './time-bands.js';

/** What a pair is taken from. */
export interface PairSource {
  readonly reads: 'tokens' | 'attention';
  readonly plan: TermPlan;
  readonly specs: { readonly student: StudentSpec; readonly teacher: TeacherSpec };
  readonly student: TapValues;
  readonly teacher: TapValues;
}

/**
 * Both sides of a pair made comparable: the same samples, the same grid of tokens, the same heads. The student's tokens are
 * as it gave them: whether and how they are projected is the loss's to say.
 * @param indices of the samples that count; null is all.
 */
export function comparePair(
  { reads, plan, specs, student, teacher }: PairSource,
  pair: PlannedPair,
  indices: BandSamples['indices'],
): ComparedPair {
  const from = plan.resample ? specs.teacher.grid : null;
  const { grid } = specs.student;
  const sites = { student: pair.student, teacher: pair.teacher };
  if (reads === 'tokens') {
    const teacher_BTD = pickTokens(teacher.tokens.get(pair.teacher)!, indices);
    return {
      ...sites,
      reads,
      student_BTD: pickTokens(student.tokens.get(pair.student)!, indices),
      teacher_BTD: from ? resampleTokens(teacher_BTD, from, grid) : teacher_BTD,
    };
  }
  const maps = selectHeads(pickQueryKey(teacher.attention.get(pair.teacher as number)!, indices), pair.heads, 1);
  return {
    ...sites,
    reads,
    studentMaps: selectHeads(pickQueryKey(student.attention.get(pair.student)!, indices), pair.heads, 0),
    teacherMaps: from ? resampleAttention(maps, from, grid) : maps,
  };
}
