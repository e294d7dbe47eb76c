import { defineAlignmentLoss } from '@hastejs/plugin-api';
import { z } from 'zod';
import { relationPenalty } from './relation-penalty.js';

const POWERS = { absolute: 1, squared: 2 } as const;

/**
 * Relation alignment: each image's tokens shall be as alike to each other in the student as they are in the teacher,
 *
 *   L = mean over b, i, j of max(0, |cos(hᵢ, hⱼ) − cos(zᵢ, zⱼ)| − margin)ᵖ.
 *
 * p = 2 without a margin matches the matrices of token similarities (the structural part of SARA, arXiv 2503.08253);
 * p = 1 with margin 0.1 is token relation distillation within an image (VideoREPA, arXiv 2505.23656). Similarities are T×T
 * whatever the widths, so it owns no projector. In [0, 4]; 0 is perfect alignment.
 */
export const relationAlignment = defineAlignmentLoss({
  id: 'loss/relation',
  summary: "Similarities between an image's tokens, matched to the teacher's (Gram matrices).",
  options: z.strictObject({
    penalty: z.enum(['squared', 'absolute']).default('squared').describe('What a difference of similarities costs.'),
    margin: z.number().nonnegative().lt(2).default(0).describe('Differences up to it cost nothing.'),
  }),
  create: ({ penalty, margin }) => ({
    reads: 'tokens',
    repeatable: true,
    // Tokens are held against each other, not against the teacher's.
    project: null,
    loss: (student_BTD, teacher_BTD) => relationPenalty(student_BTD, teacher_BTD, { margin, power: POWERS[penalty] }),
  }),
});
