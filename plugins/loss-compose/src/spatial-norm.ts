// B batch, T tokens, D width.
import { Services, type TokenAlignmentLoss, defineAlignmentLoss, reference } from '@hastejs/plugin-api';
import { type Tensor3D, tf, withoutGradient } from '@hastejs/tensor';
import { z } from 'zod';
import { innerLoss, passedOn } from './inner-loss.js';

const WHERE = 'loss/spatial-norm';
/** As published. */
const EPS = 1e-6;

/**
 * Any loss over tokens with the teacher's tokens normalised over space (iREPA, arXiv 2512.10794, section 4): in each image
 * and channel y = (x − γ·mean(x)) / √(var(x) + ε), mean and variance over the image's tokens. What all tokens share, the
 * image's global content, goes; what tells regions apart stays.
 *
 * It is around the loss and not around the teacher, so that a cached teacher keeps its own features for every term.
 */
export const spatialNorm = defineAlignmentLoss({
  id: WHERE,
  summary: "A loss over tokens, with the teacher's tokens normalised over the image (iREPA).",
  options: z.strictObject({
    loss: reference('alignmentLoss').describe('The loss, over tokens.'),
    gamma: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe("γ: how much of the image's mean token is taken off; the paper leaves it to tuning."),
  }),
  inject: { extensions: Services.extensions },
  create: async ({ loss, gamma }, { extensions }): Promise<TokenAlignmentLoss> => {
    const inner = await innerLoss(extensions, loss, WHERE);
    const over = (teacher_BTD: Tensor3D) => normalizedOverSpace(teacher_BTD, gamma);
    return {
      ...passedOn(inner),
      target: (teacher_BTD) => (inner.target ? inner.target(over(teacher_BTD)) : over(teacher_BTD)),
      loss: (student_BTD, teacher_BTD, ...rest) => inner.loss(student_BTD, over(teacher_BTD), ...rest),
      ...(inner.perToken && {
        perToken: (student_BTD, teacher_BTD, ...rest) => inner.perToken!(student_BTD, over(teacher_BTD), ...rest),
      }),
    };
  },
});

function normalizedOverSpace(x_BTD: Tensor3D, gamma: number): Tensor3D {
  return withoutGradient(() => {
    const mean_B1D = tf.mean(x_BTD, 1, true);
    const variance_B1D = tf.mean(tf.square(tf.sub(x_BTD, mean_B1D)), 1, true);
    return tf.mul(tf.sub(x_BTD, tf.mul(mean_B1D, gamma)), tf.rsqrt(tf.add(variance_B1D, EPS)));
  });
}
