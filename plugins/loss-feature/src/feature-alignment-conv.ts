import { Services, type TokenAlignmentLoss, defineAlignmentLoss } from '@hastejs/plugin-api';
import { type Params, type Tensor3D, negativeCosine } from '@hastejs/tensor';
import { z } from 'zod';
import { convolve, initConvProjector } from './conv-projector.js';
import { negativeCosines } from './per-token.js';

// B batch, T tokens, D width.

/**
 * Feature alignment through one convolution over the token grid in place of the MLP (iREPA, arXiv 2512.10794, section 4): an
 * MLP moves each token by itself, and loses where tokens lie to each other; a 3×3 convolution keeps it. iREPA is this with
 * spatial normalisation around it, `spatialNorm({ loss: featureAlignmentConv() })`.
 *
 * L = −mean over batch and tokens of cos(conv(h), z), in [−1, 1]; −1 is perfect alignment.
 */
export const featureAlignmentConv = defineAlignmentLoss({
  id: 'loss/feature-conv',
  summary: "Token-wise cosine to the teacher's tokens through a convolution (iREPA's projector).",
  options: z.strictObject({
    kernel: z
      .int()
      .positive()
      .refine((side) => side % 2 === 1, { error: 'a kernel has a centre: its side is odd' })
      .default(3)
      .describe('Side of the kernel, in tokens.'),
  }),
  inject: { student: Services.student },
  create: ({ kernel }, { student: { grid } }): TokenAlignmentLoss => {
    const project = (student_BTD: Tensor3D, params: Params) => convolve(params, student_BTD, grid);
    return {
      reads: 'tokens',
      repeatable: true,
      init: ({ student, teacher }, rng) => initConvProjector({ from: student.width, to: teacher.width, kernel }, rng),
      project,
      loss: (student_BTD, teacher_BTD, params) => negativeCosine(project(student_BTD, params), teacher_BTD),
      perToken: (student_BTD, teacher_BTD, params) => negativeCosines(project(student_BTD, params), teacher_BTD),
    };
  },
});
