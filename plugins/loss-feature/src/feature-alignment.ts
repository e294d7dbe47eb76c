import { defineAlignmentLoss } from '@hastejs/plugin-api';
import { negativeCosine } from '@hastejs/tensor';
import { z } from 'zod';
import { negativeCosines } from './per-token.js';
import { initProjector, project } from './projector.js';

// B batch, T tokens, D width.

/**
 * Feature alignment (REPA; part of HASTE, arXiv 2505.16792): L = −mean over batch and tokens of cos(projector(h), z), where h are the
 * student's tokens [B, T, Dₛ] and z the teacher's [B, T, Dₜ]. In [−1, 1]; −1 is perfect alignment.
 *
 * One projector serves all pairs of a term, and retires with phase I.
 */
export const featureAlignment = defineAlignmentLoss({
  id: 'loss/feature',
  summary: "Token-wise cosine to the teacher's tokens through a projector (REPA).",
  options: z.strictObject({
    hidden: z.number().int().positive().default(2048).describe("Width of the projector's two hidden layers."),
  }),
  create: ({ hidden }) => ({
    reads: 'tokens',
    repeatable: true,
    init: ({ student, teacher }, rng) => initProjector({ from: student.width, hidden, to: teacher.width }, rng),
    project: (student_BTD, params) => project(params, student_BTD),
    loss: (student_BTD, teacher_BTD, params) => negativeCosine(project(params, student_BTD), teacher_BTD),
    perToken: (student_BTD, teacher_BTD, params) => negativeCosines(project(params, student_BTD), teacher_BTD),
  }),
});
