import { type StudentLoss, defineAlignmentLoss } from '@hastejs/plugin-api';
import { type Tensor2D, tf } from '@hastejs/tensor';
import { z } from 'zod';
import { dispersion, hinge, infoNce, negativeCosineDistance, squaredDistance } from './dispersion.js';

// B samples of a batch, T tokens, D width.

/**
 * Dispersive loss (Wang and He, "Diffuse and Disperse", arXiv 2506.09027): representations of different samples shall lie
 * apart. With z_i all tokens of sample i in one vector of N = T·D features, and D_ij = ‖z_i − z_j‖² / N,
 *
 *   infonce  L = log mean over i, j of exp(−D_ij/τ)
 *   cosine   the same with D_ij = −cos(z_i, z_j)
 *   hinge    L = mean over i, j of max(0, margin − D_ij)²
 *
 * It is contrastive learning without the positive pairs, which the denoising loss makes unnecessary: no teacher, no second
 * view, no parameters. The division by N is the released code's. Samples are held against the whole batch; the paper's are
 * against the 16 that share a device.
 */
export const dispersive = defineAlignmentLoss({
  id: 'loss/dispersive',
  summary: "Spreads a student's representations over the batch, without a teacher.",
  options: z.strictObject({
    form: z.enum(['infonce', 'cosine', 'hinge']).default('infonce').describe('What counts as lying apart.'),
    temperature: z.number().positive().default(0.5).describe('τ of infonce and cosine: how far repulsion reaches.'),
    margin: z.number().positive().default(1).describe('Distance from which hinge is content.'),
  }),
  create: ({ form, temperature, margin }): StudentLoss => {
    const cost = form === 'hinge' ? hinge(margin) : infoNce(temperature);
    const distance = form === 'cosine' ? negativeCosineDistance : squaredDistance;
    return {
      reads: 'student',
      repeatable: true,
      couplesSamples: true,
      loss: (student_BTD) => {
        const [B, T, D] = student_BTD.shape;
        return dispersion(tf.reshape(student_BTD, [B, T * D]) as Tensor2D, distance, cost);
      },
    };
  },
});
