import { defineAlignmentLoss } from '@hastejs/plugin-api';
import { attentionCrossEntropy } from '@hastejs/tensor';
import { z } from 'zod';

/**
 * Attention alignment (HASTE, arXiv 2505.16792): row-wise cross-entropy from the teacher's attention map to the student's,
 * CE = −Σ softmax(Aₜ)·log softmax(Aₛ) over keys with A = q·kᵀ·d^−½, mean over batch, heads and query rows.
 *
 * It owns no parameters: maps of both models are [T, T] whatever their widths. It reads queries and keys, so no map is
 * kept between the forward and the backward pass. Never below the teacher's own entropy.
 */
export const attentionAlignment = defineAlignmentLoss({
  id: 'loss/attention',
  summary: "Row-wise cross-entropy from the teacher's attention maps to the student's.",
  options: z.strictObject({}),
  create: () => ({
    reads: 'attention',
    repeatable: true,
    loss: (student, teacher) => attentionCrossEntropy(student, teacher),
  }),
});
