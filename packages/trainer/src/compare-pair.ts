// B batch, T tokens, D width.
import type { ComparedPair, TapValues, Taps, TokenGrid } from '@hastejs/plugin-api';
import { resampleTokens } from '@hastejs/models';
import type { PlannedPair } from './alignment-plan.js';
import { resampleAttention, selectHeads } from './tap-pairs.js';
import { type BandSamples, pickQueryKey, pickTokens } from './time-bands.js';

/**
 * What guides a loss, made comparable with its pairs: the same samples, the same grid. Nothing is copied where nothing is to
 * be done.
 */
export function guideOf(
  { resampleFrom: from, grid }: Pick<ComparingTerm, 'resampleFrom' | 'grid'>,
  teacher: TapValues,
  taps: Taps,
  indices: BandSamples['indices'],
): TapValues {
  return {
    tokens: new Map(
      taps.tokens.map((site) => {
        const x_BTD = pickTokens(teacher.tokens.get(site)!, indices);
        return [site, from ? resampleTokens(x_BTD, from, grid) : x_BTD];
      }),
    ),
    attention: new Map(
      taps.attention.map((block) => {
        const maps = pickQueryKey(teacher.attention.get(block)!, indices);
        return [block, from ? resampleAttention(maps, from, grid) : maps];
      }),
    ),
  };
}

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
