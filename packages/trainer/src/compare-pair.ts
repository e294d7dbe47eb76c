// B batch, T tokens, D width.
import type { ComparedPair, TapValues, TokenGrid } from '@hastejs/plugin-api';
import { resampleTokens } from '@hastejs/models';
import type { PlannedPair } from './alignment-plan.js';
import { resampleAttention, selectHeads } from './tap-pairs.js';
import { type BandSamples, pickQueryKey, pickTokens } from './time-bands.js';

/** What decides how a term's pairs are made comparable. */
export interface ComparingTerm {
  readonly reads: 'tokens' | 'attention';
  /** The teacher's grid, where it is not the student's. */
  readonly resampleFrom: TokenGrid | null;
  /** The student's. */
  readonly grid: TokenGrid;
}

/**
 * Both sides of a pair made comparable: the same samples, the same grid of tokens, the same heads. The student's tokens are
 * as it gave them: whether and how they are projected is the loss's to say.
 * @param indices of the samples that count; null is all.
 */
export function comparePair(
  { reads, resampleFrom: from, grid }: ComparingTerm,
  { student, teacher }: { readonly student: TapValues; readonly teacher: TapValues },
  pair: PlannedPair,
  indices: BandSamples['indices'],
): ComparedPair {
  const sites = { student: pair.student, teacher: pair.teacher! };
  if (reads === 'tokens') {
    const teacher_BTD = pickTokens(teacher.tokens.get(sites.teacher)!, indices);
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
